"""The table of expected fit in THEORY M8, by drawing customers and their labels.

Four equal segments, three dimensions of variance 0.61, omega^2 = 2: the share of variance
between segments (eta_s) down, the accuracy of labels (q) across.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pytest

from sim.behaviours.satisfaction import fit
from sim.population.customers import draw
from sim.population.start import offerings
from sim.records import Population
from sim.scenario import load
from sim.scenario.schema import Scenario
from sim.structures import build

REF = Path(__file__).parents[1] / "scenarios" / "ref.toml"
REPLICATIONS = 12
"""1000 customers each: standard error about 0.002, mostly of where the centres happen to lie."""

POOLED = {0.0: 0.67, 0.10: 0.67, 0.20: 0.67, 0.36: 0.67, 0.59: 0.665}
LEARNED = {
    0.0: (0.67, 0.67, 0.67, 0.67, 0.67),
    0.10: (0.695, 0.684, 0.678, 0.674, 0.671),
    0.20: (0.721, 0.698, 0.685, 0.675, 0.671),
    0.36: (0.765, 0.723, 0.698, 0.680, 0.671),
    0.59: (0.838, 0.766, 0.718, 0.686, 0.667),
}
"""q = 1, 0.8, 0.65, 0.5, 0.35."""
CENTRE = {
    0.0: (0.67, 0.67, 0.67, 0.67),
    0.10: (0.683, 0.673, 0.664, 0.654),
    0.20: (0.696, 0.676, 0.657, 0.639),
    0.36: (0.720, 0.687, 0.652, 0.620),
    0.59: (0.764, 0.707, 0.654, 0.595),
}
"""q = 0.8, 0.65, 0.5, 0.35."""
MISASSIGNED = {0.0: 0.67, 0.10: 0.63, 0.20: 0.59, 0.36: 0.54, 0.59: 0.47}


@numba.njit
def fits(needs, offered, scale, out):
    for i in range(len(needs)):
        squared = 0.0
        for k in range(needs.shape[1]):
            squared += (needs[i, k] - offered[i, k]) ** 2
        out[i] = fit(squared, scale)


@functools.cache
def people(eta: float, accuracy: float, replication: int) -> tuple[Scenario, Population]:
    scenario = load(REF, set={"needs.segment_share": eta, "labels.accuracy": accuracy,
                              "satisfaction.concentration": 0})
    return scenario, draw(scenario, 1, replication, 0.0)


def expected(eta: float, accuracy: float, structure: str, mode: str = "learned",
             who: Callable[[Population], np.ndarray] | None = None) -> float:
    """Mean fit of the first product over customers and replications."""
    means = []
    for replication in range(REPLICATIONS):
        scenario, here = people(eta, accuracy, replication)
        offering = scenario.offering.model_copy(update={"mode": mode})
        scenario = scenario.model_copy(update={"offering": offering})
        layout = build(scenario, structure)
        held = offerings(scenario, layout, here, 1, replication)
        pool = layout.pool_of[scenario.offering_function, 0, here.label, here.region]
        out = np.zeros(len(here.key))
        fits(here.needs[:, 0].astype(float), held[layout.pool_unit[pool], 0],
             1.0 / (2.0 * scenario.needs.fit_width), out)
        means.append(out[who(here)].mean() if who else out.mean())
    return float(np.mean(means))


@pytest.mark.parametrize("eta", POOLED)
def test_pooled(eta: float) -> None:
    """Who serves a mixed population offers the average."""
    assert expected(eta, 0.8, "functional") == pytest.approx(POOLED[eta], abs=0.01)


@pytest.mark.parametrize("eta", LEARNED)
def test_learned_from_those_labelled(eta: float) -> None:
    for accuracy, printed in zip((1.0, 0.8, 0.65, 0.5, 0.35), LEARNED[eta], strict=True):
        assert expected(eta, accuracy, "customer") == pytest.approx(printed, abs=0.01)


@pytest.mark.parametrize("eta", CENTRE)
def test_label_centre(eta: float) -> None:
    for accuracy, printed in zip((0.8, 0.65, 0.5, 0.35), CENTRE[eta], strict=True):
        found = expected(eta, accuracy, "customer", "label_centre")
        assert found == pytest.approx(printed, abs=0.01)


@pytest.mark.parametrize("eta", MISASSIGNED)
def test_misassigned_at_the_label_centre(eta: float) -> None:
    found = expected(eta, 0.5, "customer", "label_centre", lambda p: p.label != p.segment)
    assert found == pytest.approx(MISASSIGNED[eta], abs=0.01)


@pytest.mark.parametrize("eta", LEARNED)
def test_perfect_labels_in_closed_form(eta: float) -> None:
    """E exp(-|e|^2 / (2 omega^2)) of e normal with variance v is (1 + v / omega^2)^(-K/2)."""
    closed = (1.0 + 0.61 * (1.0 - eta) / 2.0) ** -1.5
    assert expected(eta, 1.0, "customer") == pytest.approx(closed, abs=0.006)
