"""Continuous-time Markov chains solved as linear systems: theory's independent witness."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

State = Any
Moves = Callable[[State], Iterable[tuple[State, float]]]


def stationary(start: State, moves: Moves) -> dict[State, float]:
    """Stationary probabilities of the chain reached from `start`; `moves` must truncate it."""
    index = {start: 0}
    queue = [start]
    rows, columns, rates = [], [], []
    while queue:
        state = queue.pop()
        i = index[state]
        for target, rate in moves(state):
            if target not in index:
                index[target] = len(index)
                queue.append(target)
            j = index[target]
            rows += [j, i]
            columns += [i, i]
            rates += [rate, -rate]
    n = len(index)
    # One balance equation says nothing new: probabilities that sum to 1 take its place.
    keep = np.array(rows) != 0
    rows = np.concatenate([np.array(rows)[keep], np.zeros(n, dtype=int)])
    columns = np.concatenate([np.array(columns)[keep], np.arange(n)])
    rates = np.concatenate([np.array(rates)[keep], np.ones(n)])
    right = np.zeros(n)
    right[0] = 1.0
    p = spsolve(coo_matrix((rates, (rows, columns)), shape=(n, n)).tocsc(), right)
    return {state: float(p[i]) for state, i in index.items()}


def mean(p: dict[State, float], value: Callable[[State], float]) -> float:
    """Expectation over stationary probabilities."""
    return sum(q * value(state) for state, q in p.items())
