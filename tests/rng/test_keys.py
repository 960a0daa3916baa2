"""Keys and uniforms: a known generator, well mixed, the same one by one and in arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sim import rng
from tests.rng.compiled import scalars, task_counts

N = 20_000
ROWS = np.arange(N)
WORDS = st.integers(0, 2**64 - 1)
RUN = rng.run_key(2024, 3)
CUSTOMERS = rng.stream_keys(RUN, rng.STREAM_START, ROWS)
CUSTOMER = CUSTOMERS[7]

PURPOSES = {name: value for name, value in vars(rng).items()
            if name.isupper() and isinstance(value, int) and not name.startswith("STREAM")}
STREAMS = {name: value for name, value in vars(rng).items() if name.startswith("STREAM")}

SERIES: dict[str, NDArray[np.float64]] = {
    "counts of one entity": rng.uniforms(CUSTOMER, rng.ARRIVAL, ROWS),
    "neighbouring entities": rng.uniforms(CUSTOMERS, rng.CHURN, 12),
    "purposes of one entity": np.concatenate(
        [rng.uniforms(CUSTOMERS[:N // 20], purpose, 0) for purpose in range(1, 21)]),
    "cases of neighbours": rng.uniforms(
        rng.keys(CUSTOMERS[:, None], rng.CASE, np.arange(4)), rng.EFFORT, 17).ravel(),
    "replications": np.array([rng.uniforms(rng.run_key(1, r), rng.NEED, 0) for r in range(4000)]),
    "seeds": np.array([rng.uniforms(rng.run_key(seed, 0), rng.NEED, 0) for seed in range(4000)]),
}


def test_published_numbers() -> None:
    """SplitMix64 from state 1234567: its n-th output scrambles state + n x golden ratio."""
    outputs = [6457827717110365317, 3203168211198807973, 9817491932198370423,
               4593380528125082431, 16408922859458223821]
    assert rng.keys(np.uint64(1234567), 0, np.arange(1, 6)).tolist() == outputs
    assert scalars(np.full(5, 1234567, np.uint64), 0, np.arange(1, 6))[0].tolist() == outputs


@given(words=st.lists(WORDS, min_size=1, max_size=8), purpose=st.integers(0, 2**20 - 1),
       count=st.integers(0, 2**40 - 1))
@settings(max_examples=200, deadline=None)
def test_one_by_one_as_in_arrays(words: list[int], purpose: int, count: int) -> None:
    """Bit by bit; and as Python's own integers say."""
    parents = np.array(words, np.uint64)
    counts = np.full(len(words), count)
    children, draws = scalars(parents, purpose, counts)
    assert np.array_equal(children, rng.keys(parents, purpose, counts))
    assert np.array_equal(draws, rng.uniforms(parents, purpose, counts))
    for word, child, draw in zip(words, children.tolist(), draws.tolist(), strict=True):
        x = (word + (purpose * 2**40 + count) * 0x9E3779B97F4A7C15) % 2**64
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        x = (x ^ x >> 27) * 0x94D049BB133111EB % 2**64
        assert child == x ^ x >> 31
        assert draw == pytest.approx(child / 2**64, abs=2**-53)


@given(words=st.lists(WORDS, min_size=1, max_size=50), purpose=st.integers(0, 30))
@settings(max_examples=50, deadline=None)
def test_arrays_draw_the_same_whatever_their_shape(words: list[int], purpose: int) -> None:
    parents = np.array(words, np.uint64)
    grid = rng.uniforms(parents[:, None], purpose, np.arange(3))
    for i in range(len(words)):
        for count in range(3):
            assert grid[i, count] == rng.uniforms(parents[i], purpose, count)


@pytest.mark.parametrize("name", SERIES)
def test_uniform(name: str) -> None:
    """Kolmogorov-Smirnov against the uniform distribution on (0, 1)."""
    assert stats.kstest(SERIES[name], "uniform").pvalue > 1e-3


@pytest.mark.parametrize("name", SERIES)
def test_neighbours_know_nothing_of_each_other(name: str) -> None:
    """Correlation of neighbours within 3.5 standard errors of 0, pairs even over 8 x 8 cells."""
    a, b = SERIES[name][:-1], SERIES[name][1:]
    assert abs(np.corrcoef(a, b)[0, 1]) < 3.5 / np.sqrt(len(a))
    cells = np.bincount((8 * a).astype(int) * 8 + (8 * b).astype(int), minlength=64)
    assert stats.chisquare(cells).pvalue > 1e-3


def test_purposes_know_nothing_of_each_other() -> None:
    """276 pairs of purposes of the same customers: the largest correlation stays within
    4.5 standard errors (probability 0.002 for independent draws)."""
    draws = np.array([rng.uniforms(CUSTOMERS, purpose, 0) for purpose in range(1, 25)])
    off = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(off).max() < 4.5 / np.sqrt(N)


def test_avalanche() -> None:
    """Each flipped bit of a key flips each bit of the draw with probability about one half.

    4000 trials: standard error 0.008; the largest of 64 x 64 deviations is about 3.7 of them.
    """
    parents = CUSTOMERS[:4000]
    before = rng.keys(parents, rng.NEED, 5)
    for bit in range(64):
        changed = before ^ rng.keys(parents ^ np.uint64(1 << bit), rng.NEED, 5)
        flips = np.unpackbits(changed.view(np.uint8)).reshape(-1, 64).mean(axis=0)
        assert abs(flips.mean() - 0.5) < 0.005
        assert np.abs(flips - 0.5).max() < 5.5 * 0.5 / np.sqrt(len(parents))


def test_purposes_are_distinct_and_fit_their_field() -> None:
    assert len(set(PURPOSES.values())) == len(PURPOSES)
    assert len(PURPOSES) >= 22
    assert all(0 < purpose < 2**20 for purpose in PURPOSES.values())
    assert len(STREAMS) == 5 and len(set(STREAMS.values())) == len(STREAMS)


def test_streams_do_not_collide() -> None:
    """400,000 entities of a run, then as many decision points of one: no key twice."""
    index = np.arange(80_000)
    entities = np.concatenate([rng.stream_keys(RUN, stream, index) for stream in STREAMS.values()])
    assert len(np.unique(entities)) == len(entities)
    points = np.concatenate([rng.keys(CUSTOMER, purpose, np.arange(20_000))
                             for purpose in PURPOSES.values()])
    assert len(np.unique(points)) == len(points)


def test_runs_differ_by_seed_and_by_replication() -> None:
    """Every seed and replication (the pilot's reserved 2^31 too) has a key of its own."""
    seeds = [0, 1, 2, 11, 2**31, 2**63 - 1]
    runs = {(seed, r): int(rng.run_key(seed, r)) for seed in seeds
            for r in [*range(300), 2**31]}
    assert len(set(runs.values())) == len(runs)
    assert runs[11, 5] == int(rng.run_key(11, 5)), "nothing else decides"


def test_entities_do_not_depend_on_how_many_there_are() -> None:
    few, many = (rng.stream_keys(RUN, rng.STREAM_BASE, np.arange(n)) for n in (10, 1000))
    assert np.array_equal(few, many[:10])


def test_tasks_have_counts_of_their_own() -> None:
    """Ten functions, ten products, loops 4 x 3 reopenings + 3 send-backs: 1600 counts."""
    counts = np.zeros((10, 10, 16), np.int64)
    task_counts(*counts.shape, counts)
    assert len(np.unique(counts)) == counts.size
    assert counts.min() >= 0 and counts.max() < 2**40


def unscrambled(word: int) -> int:
    """Inverse of SplitMix64's output function, in Python's integers."""
    x = word ^ word >> 31 ^ word >> 62
    x = x * pow(0x94D049BB133111EB, -1, 2**64) % 2**64
    x = x ^ x >> 27 ^ x >> 54
    x = x * pow(0xBF58476D1CE4E5B9, -1, 2**64) % 2**64
    return x ^ x >> 30 ^ x >> 60


@pytest.mark.parametrize("word", [0, 2**11 - 1, 2**64 - 2**11, 2**64 - 1])
def test_neither_zero_nor_one(word: int) -> None:
    """The lowest and the highest words of the generator still give a draw inside (0, 1)."""
    parents = np.array([unscrambled(word)], np.uint64)
    assert rng.keys(parents, 0, 0).tolist() == [word]
    draw = rng.uniforms(parents, 0, 0)[0]
    assert 0.0 < draw < 1.0
    assert scalars(parents, 0, np.zeros(1, np.int64))[1][0] == draw
