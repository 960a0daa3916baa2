"""Many runs: plans of thousands, and runs asked for one after the other by a question."""
