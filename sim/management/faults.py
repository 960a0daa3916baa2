"""Whether a unit acts on what it knows of a fault (M10)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def response_probability(response, bad_news, bad_share):
    """r (1 - (1 - b) s): readiness to act, lower the larger the share s of bad news.

    r 1 (0.3-1), b 0.7 (0.3-1), both assumptions; an answer found by another unit is no bad news
    (s = 0). Source: F88 (sign): bad news is the least welcome.
    """
    return response * (1.0 - (1.0 - bad_news) * bad_share)
