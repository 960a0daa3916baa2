"""Questions that choose their own runs: one file each, all through `sweep.lab`."""
