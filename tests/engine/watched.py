"""The uncompiled loop over arrays that refuse negative indices.

    NUMBA_DISABLE_JIT=1 python -m tests.engine.watched

Owns: one short run of every small world of the twin. Compiled kernels do not ask whether an index
is negative (`sim/jit.py`); here every access is asked. Never does: compare outcomes.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from sim.engine import simulation
from sim.engine.world import World
from tests.reference.twin_worlds import FEATURES, world

UNTIL_H = 220.0
"""A month end, a few weeks and the end of warm-up lie before it in every small world."""


class Watched(np.ndarray):
    """An array whose elements are reached from the front only."""

    def __getitem__(self, index: Any) -> Any:
        refuse(index)
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        refuse(index)
        super().__setitem__(index, value)


def refuse(index: Any) -> None:
    """Raise on a negative integer, inside the compiled room's own code only."""
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, int | np.integer) and part < 0:
            caller = sys._getframe(2)
            if "/numpy/" not in caller.f_code.co_filename:
                raise IndexError(f"index {part} in {caller.f_code.co_name}")


def main() -> None:
    """Run every world; the first negative index ends it."""
    plain = World.__init__

    def watched(self: World, **arrays: Any) -> None:
        plain(self, **{name: array.view(Watched) for name, array in arrays.items()})

    World.__init__ = watched  # type: ignore[method-assign]
    simulation.PILOT_ROUNDS = 1
    simulation.PILOT_HOURS = 60.0
    for feature, (_, structures) in FEATURES.items():
        prepared = simulation.prepare(world(feature), structures[-1])
        run = simulation.Simulation(prepared, 0, case_log=True, journey=3)
        run.run_to(min(run.end_h, UNTIL_H))
        print(f"{feature}: {run.world.totals['closed'][0]:.0f} cases", flush=True)


if __name__ == "__main__":
    main()
