"""Traits of customers: exact shares, exact variances, and draws that belong to the customer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim import rng
from sim.population.customers import centres, draw, interleaved
from tests.population.worlds import RUN, bound, equal_segments, world

SHARES = st.lists(st.floats(0.01, 1.0), min_size=1, max_size=10)


def prefixes(owners: np.ndarray, classes: int) -> np.ndarray:
    """[N, S] members of each class among the first 1, 2, ... rows."""
    return np.cumsum(owners[:, None] == np.arange(classes), axis=0)


@pytest.mark.parametrize(("shares", "owners"), [
    ([1.0], [0, 0, 0]),
    ([0.5, 0.5], [0, 1, 0, 1, 0]),
    ([0.25, 0.75], [1, 0, 1, 1, 1, 0, 1, 1]),  # due: 2, 6; 0.67, 2 (tie), 3.33, 4.67, 6 (tie), ...
    ([0.5, 0.3, 0.2], [0, 1, 2, 0, 0, 1, 0, 2, 1, 0]),  # 1 3 5 7 9; 1.67 5 8.33; 2.5 7.5
    ([3, 1], [0, 0, 1, 0]),  # shares are made to sum to 1
])
def test_interleaved_by_hand(shares: list[float], owners: list[int]) -> None:
    assert interleaved(np.array(shares), len(owners)).tolist() == owners


@given(shares=SHARES, count=st.integers(0, 300))
@settings(max_examples=200, deadline=None)
def test_every_prefix_has_its_shares(shares: list[float], count: int) -> None:
    """Within 1/2 + s (k - 2) / 2 of the share in every prefix, less than 1 where s < 1 / (k - 2):
    n = t s + r with |r| <= 1/2, sum n = m, hence n - m s = r (1 - s) - s (sum of others' r)."""
    share = np.array(shares) / np.sum(shares)
    k = len(share)
    members = prefixes(interleaved(np.array(shares), count), k)
    off = np.abs(members - np.arange(1, count + 1)[:, None] * share)
    assert (off <= 0.5 + max(k - 2, 0) / 2 * share + 1e-9).all()
    if k <= 3:
        assert (off < 1.0 + 1e-9).all()


@given(weights=st.lists(st.integers(1, 9), min_size=1, max_size=10), times=st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_whole_numbers_are_exact(weights: list[int], times: int) -> None:
    owners = interleaved(np.array(weights, float), times * sum(weights))
    assert np.bincount(owners, minlength=len(weights)).tolist() == [times * w for w in weights]


@given(shares=SHARES, few=st.integers(0, 200), more=st.integers(0, 200))
@settings(max_examples=200, deadline=None)
def test_more_rows_change_no_row_before(shares: list[float], few: int, more: int) -> None:
    long = interleaved(np.array(shares), few + more)
    assert np.array_equal(interleaved(np.array(shares), few), long[:few])


def test_one_large_class_among_many_small_ones() -> None:
    """Nine classes of 1% are all due at row 50; until then the large one takes every row."""
    shares = np.array([0.91] + [0.01] * 9)
    assert not interleaved(shares, 45).any()
    assert np.bincount(interleaved(shares, 100)).tolist() == [91] + [1] * 9


@pytest.mark.parametrize("segments", [2, 3, 10])
@pytest.mark.parametrize("products", [1, 2, 5])
def test_centres_have_exact_variances(segments: int, products: int) -> None:
    """Mean 0 and variance share x 0.61 per dimension, weighted by the shares of customers."""
    weights = np.arange(1.0, segments + 1.0)
    scenario = world(
        segments={f"s{i}": {"share": w} for i, w in enumerate(weights / weights.sum())},
        products={f"p{i}": {} for i in range(products)},
        needs={"segment_share": 0.36, "product_share": 0.2, "interaction_share": 0.1},
    )
    share = weights / weights.sum()
    by_segment, by_product, both = centres(scenario, RUN)
    assert by_segment.shape == (segments, 3) and by_product.shape == (products, 3)
    assert both.shape == (segments, products, 3)
    one = products == 1
    np.testing.assert_allclose(share @ by_segment, 0.0, atol=1e-14)
    np.testing.assert_allclose(share @ by_segment**2, 0.36 * 0.61, rtol=1e-12)
    np.testing.assert_allclose(by_product.mean(axis=0), 0.0, atol=1e-14)
    np.testing.assert_allclose((by_product**2).mean(axis=0), 0.0 if one else 0.2 * 0.61, rtol=1e-12)
    # The interaction is centred over both, so that it takes nothing from either main effect.
    np.testing.assert_allclose(np.tensordot(share, both, axes=1), 0.0, atol=1e-14)
    np.testing.assert_allclose(both.mean(axis=1), 0.0, atol=1e-14)
    np.testing.assert_allclose(np.tensordot(share, both**2, axes=1).mean(axis=0),
                               0.0 if one else 0.1 * 0.61, rtol=1e-12)


def test_one_segment_has_no_centre() -> None:
    by_segment, _, both = centres(world(segments=equal_segments(1)), RUN)
    assert not by_segment.any() and not both.any()


def test_centres_are_those_of_the_run() -> None:
    a, b = (centres(world(), rng.run_key(5, replication))[0] for replication in (0, 1))
    assert np.array_equal(a, centres(world(), RUN)[0]) and not np.allclose(a, b)


def total_variance(**tables: dict[str, Any]) -> np.ndarray:
    """Variance per dimension over the customers and products of a large draw."""
    needs = draw(world(customers={"count": 60_000}, **tables), 1, 0, 0.0).needs
    return needs.reshape(-1, needs.shape[2]).astype(float).var(axis=0)


SOME = {"segment_share": 0.36, "product_share": 0.2, "interaction_share": 0.1}


def test_needs_vary_by_what_the_file_says() -> None:
    """0.61 in all; the centres' part c is exact, so that one segment takes its part away and no
    spread leaves only c. Standard error, own part o: sqrt((2 o^2 + 4 o c) / 120,000) = 0.002.
    """
    assert np.abs(total_variance(needs=SOME) - 0.61).max() < 0.008
    assert np.abs(total_variance(needs=SOME | {"variance": 1.3}) - 1.3).max() < 0.017
    one = total_variance(needs=SOME, segments=equal_segments(1))
    assert np.abs(one - 0.61 * (1 - 0.36 - 0.1)).max() < 0.008
    still = {name: {"share": share, "need_spread": 0.0}
             for name, share in (("many", 0.5), ("some", 0.3), ("few", 0.2))}
    np.testing.assert_allclose(total_variance(needs=SOME, segments=still), 0.61 * 0.66, rtol=1e-6)


def test_needs_are_the_centre_and_the_customers_own_part() -> None:
    """n - m_s - m_p - m_sp is normal with the remaining variance, in each cell and dimension."""
    scenario = world(customers={"count": 6000}, needs=SOME)
    people = draw(scenario, 1, 0, 0.0)
    by_segment, by_product, both = centres(scenario, rng.run_key(1, 0))
    own = people.needs - (by_segment[:, None] + by_product + both)[people.segment]
    own /= np.sqrt(0.61 * (1 - 0.66))
    for product in range(2):
        for dimension in range(3):
            assert stats.kstest(own[:, product, dimension], "norm").pvalue > 1e-3
    flat = own.reshape(6000, -1)
    apart = np.corrcoef(flat.T) - np.eye(flat.shape[1])
    assert np.abs(apart).max() < 4.5 / np.sqrt(6000)


def test_labels() -> None:
    """Right if u < q, else any other segment alike (R10)."""
    people = draw(world(customers={"count": 30_000}, segments=equal_segments(4)), 1, 0, 0.0)
    right = people.label == people.segment
    assert np.array_equal(right, rng.uniforms(people.key, rng.LABEL, 0) < 0.8)
    assert abs(right.mean() - 0.8) < bound(0.8, 30_000)
    for segment in range(4):
        of = people.segment == segment
        others = np.bincount(people.label[of & ~right], minlength=4)
        assert others[segment] == 0
        assert stats.chisquare(np.delete(others, segment)).pvalue > 1e-3


def test_better_labels_change_only_wrong_ones() -> None:
    """One uniform decides whether, another which: accuracy 0.9 corrects some and moves none."""
    worse, better, best = (
        draw(world(labels={"accuracy": q}), 1, 0, 0.0) for q in (0.6, 0.9, 1.0)
    )
    changed = worse.label != better.label
    assert changed.sum() > 50
    assert np.array_equal(better.label[changed], better.segment[changed])
    assert np.array_equal(best.label, best.segment)


def test_customers_without_a_label_count_as_the_largest_segment() -> None:
    """A true member of `few` is labelled `many` wrongly, (1 - q) / 2, or for want of a label."""
    u = 0.25
    people = draw(world(customers={"count": 30_000}, labels={"unassignable": u}), 1, 0, 0.0)
    few = people.label[people.segment == 2]
    for label, p in enumerate([u + (1 - u) * 0.1, (1 - u) * 0.1, (1 - u) * 0.8]):
        assert abs((few == label).mean() - p) < bound(p, len(few))
    nobody = draw(world(labels={"unassignable": 1.0}), 1, 0, 0.0)
    assert not nobody.label.any()


def test_regions_are_drawn_by_share_whatever_the_segment() -> None:
    people = draw(world(customers={"count": 20_000}), 1, 0, 0.0)
    for segment in range(3):
        of = people.segment == segment
        assert abs((people.region[of] == 0).mean() - 0.7) < bound(0.7, int(of.sum()))
    three = {"a": {"share": 0.2}, "b": {"share": 0.5}, "c": {"share": 0.3}}
    counts = np.bincount(draw(world(customers={"count": 20_000}, regions=three), 1, 0, 0.0).region)
    assert stats.chisquare(counts, 20_000 * np.array([0.2, 0.5, 0.3])).pvalue > 1e-3


def traits(people: Any, rows: slice) -> list[np.ndarray]:
    """Everything about some rows."""
    return [getattr(people, name)[rows]
            for name in ("key", "segment", "label", "region", "needs", "weights")]


def same(a: list[np.ndarray], b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


END_H = 6000.0


def test_rows_do_not_depend_on_how_many_there_are() -> None:
    """More customers, later ends, more rows for word of mouth: to the last bit the same rows."""
    small = draw(world(customers={"count": 301}), 1, 2, END_H, mouth=5)
    large = draw(world(customers={"count": 302}), 1, 2, 2 * END_H, mouth=23)
    assert 0 < small.n_base < large.n_base
    assert same(traits(small, slice(0, 301)), traits(large, slice(0, 301)))
    assert same(traits(small, slice(301, 301 + small.n_base)),
                traits(large, slice(302, 302 + small.n_base)))
    assert same(traits(small, slice(301 + small.n_base, None)),
                traits(large, slice(302 + large.n_base, 302 + large.n_base + 5)))


def test_blocks_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large populations are drawn in blocks: the same numbers as in one go."""
    whole = draw(world(), 1, 0, END_H, mouth=9)
    monkeypatch.setattr("sim.population.customers.ROWS_AT_ONCE", 64)
    parts = draw(world(), 1, 0, END_H, mouth=9)
    assert same(traits(whole, slice(None)), traits(parts, slice(None)))


def test_seed_and_replication_change_everybody() -> None:
    first = draw(world(), 1, 0, 0.0)
    for other in (draw(world(), 1, 1, 0.0), draw(world(), 2, 0, 0.0)):
        assert not np.isin(other.key, first.key).any()
        assert (other.needs != first.needs).all()
        assert np.array_equal(other.segment, first.segment), "dealt, not drawn"


def test_rows_of_the_three_streams() -> None:
    """Customers present, base joiners, joiners by word of mouth: in this order, none twice."""
    people = draw(world(), 3, 1, END_H, mouth=7)
    assert people.n_start == 500 and people.n_base == len(people.base_time) > 0
    assert len(people.key) == 500 + people.n_base + 7 == len(np.unique(people.key))
    run = rng.run_key(3, 1)
    for stream, first, n in ((rng.STREAM_START, 0, 500), (rng.STREAM_BASE, 500, people.n_base),
                             (rng.STREAM_MOUTH, 500 + people.n_base, 7)):
        keys = people.key[first:first + n]
        assert np.array_equal(keys, rng.stream_keys(run, stream, np.arange(n)))


def test_base_joiners_come_as_leavers_go() -> None:
    """A segment that never leaves sends no base joiner; word of mouth still brings its kind."""
    segments = {"loyal": {"share": 0.5, "churn_max": 0.0}, "fickle": {"share": 0.5}}
    scenario = world(segments=segments, customers={"cases_per_month": 0.1})
    people = draw(scenario, 1, 0, END_H, mouth=8)
    base = people.segment[500:500 + people.n_base]
    assert people.n_base > 20 and (base == 1).all()
    assert np.bincount(people.segment[-8:]).tolist() == [4, 4]
