"""Who is who: the draw key of a customer, made from the row rather than stored.

Owns: the order of rows (present at the start, base joiners, joiners by word of mouth) inside
compiled code. Never does: draw. Recomputing a key costs less than fetching it from memory.
"""

from __future__ import annotations

from sim.jit import kernel
from sim.rng import child_key


@kernel
def first_mouth_row(w):
    """Row of the first joiner by word of mouth."""
    return w.par[0]["n_start"] + len(w.join_time)


@kernel
def customer_key(w, customer):
    """The key all draws of a customer hang on (`rng.stream_keys`)."""
    par = w.par[0]
    base = customer - par["n_start"]
    if base < 0:
        return child_key(par["start_key"], 3, customer)
    if base < len(w.join_time):
        return child_key(par["base_key"], 3, base)
    return child_key(par["mouth_key"], 3, base - len(w.join_time))
