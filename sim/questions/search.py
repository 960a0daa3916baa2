"""Search of a design space that is too large to look at every design: NSGA-II (Deb et al. 2002).

Owns: the one place that knows optuna. Never does: run a design, or judge noise.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sim.errors import Fault, InputError


class Search:
    """Asks for designs and is told what came of them, a generation at a time.

    Args:
        sizes: Values of each axis.
        ordered: Whether neighbouring values of an axis are alike.
        metrics: How many are made as large as possible.
        population: Designs of a generation.
        seed: The same seed and answers give the same questions.

    Raises:
        InputError: optuna is not installed.
    """

    def __init__(self, sizes: Sequence[int], ordered: Sequence[bool], metrics: int,
                 population: int, seed: int) -> None:
        if importlib.util.find_spec("optuna") is None:
            raise InputError(Fault(
                "optimise", "", "this design space is too large for the budget, and searching it "
                "needs optuna", "python -m pip install 'orgsim[optimise]', or vary less"))
        with _quiet() as optuna:
            whole, choice = (optuna.distributions.IntDistribution,
                             optuna.distributions.CategoricalDistribution)
            self._axes = {f"x{i}": whole(0, size - 1) if alike else choice(list(range(size)))
                          for i, (size, alike) in enumerate(zip(sizes, ordered, strict=True))}
            sampler = optuna.samplers.NSGAIISampler(
                population_size=population, seed=seed % 2**32)
            self._study = optuna.create_study(
                directions=["maximize"] * metrics, sampler=sampler)
            self._failed = optuna.trial.TrialState.FAIL
        self.population = population
        self._asked: list[Any] = []

    def begin(self, designs: Sequence[Sequence[int]]) -> None:
        """Designs to ask for first."""
        with _quiet():
            for levels in designs:
                self._study.enqueue_trial({f"x{i}": level for i, level in enumerate(levels)})

    def ask(self) -> list[tuple[int, ...]]:
        """The next generation; designs may come again."""
        with _quiet():
            self._asked = [self._study.ask(self._axes) for _ in range(self.population)]
        return [tuple(trial.params[name] for name in self._axes) for trial in self._asked]

    def tell(self, values: Sequence[Sequence[float] | None], broken: Sequence[float]) -> None:
        """What came of the generation.

        Args:
            values: By design: its metrics, more being better; None if it cannot be run.
            broken: By design: above 0 where it is not acceptable, by how much.
        """
        with _quiet():
            for trial, found, how in zip(self._asked, values, broken, strict=True):
                if found is None:
                    self._study.tell(trial, state=self._failed)
                    continue
                trial.set_constraint("acceptable", how)
                self._study.tell(trial, list(found))


@contextmanager
def _quiet() -> Iterator[Any]:
    """The library without its talk, and with the level of talk it had before."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield optuna
    finally:
        optuna.logging.set_verbosity(level)
