"""The scalar draws as compiled code sees them, applied to arrays.

Owns: the loops that call kernels, since Python cannot. Never does: check anything.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from sim import rng


@numba.njit
def _scalars(keys, purpose, counts, children, draws):
    for i in range(len(keys)):
        children[i] = rng.child_key(keys[i], purpose, counts[i])
        draws[i] = rng.uniform(keys[i], purpose, counts[i])


def scalars(keys: NDArray[np.uint64], purpose: int, counts: NDArray[np.int64]
            ) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """`child_key` and `uniform`, one by one."""
    children, draws = np.zeros(len(keys), np.uint64), np.zeros(len(keys))
    _scalars(keys, purpose, counts, children, draws)
    return children, draws


@numba.njit
def inverses(u, normal, exponential):
    """Fill the normal and the exponential quantiles of u."""
    for i in range(len(u)):
        normal[i] = rng.normal_quantile(u[i])
        exponential[i] = rng.exponential(u[i])


@numba.njit
def task_counts(functions, products, loops, out):
    """Fill out [F, P, loops] with `task_count`."""
    for f in range(functions):
        for p in range(products):
            for loop in range(loops):
                out[f, p, loop] = rng.task_count(f, p, loop)
