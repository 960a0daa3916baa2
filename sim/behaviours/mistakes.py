"""When people err (M7)."""

from __future__ import annotations

from sim.jit import kernel


@kernel
def error_probability(gap, information, base, by_knowledge, by_information):
    """clip(e0 + ek (1 - kbar) + eI (1 - I), 0, 0.9); gap = 1 - kbar, the a-weighted mean gap."""
    p = base + by_knowledge * gap + by_information * (1.0 - information)
    return min(max(p, 0.0), 0.9)


@kernel
def with_fault(p, added):
    """min(p_err + added, 0.9): the probability of an error while a fault of the task lasts.

    added 0.1 (0-0.3, assumption). Source: THEORY M7; most errors are said to stem from the firm's
    own practices, which here is an outcome.
    """
    return max(p, min(p + added, 0.9))


@kernel
def cause(u, p, gap, information, base, by_knowledge, by_information):
    """Which part of an error's probability its uniform u fell into.

    The parts lie on top of each other: base, knowledge, information, whatever else makes up p,
    and above p the fault. 0 other, 1 knowledge, 2 information, 3 fault. Expected shares are the
    parts' shares of the probability, and a fault is the cause exactly where there would have been
    no error without it.
    """
    if u >= p:
        return 3
    level = u - base
    if level < 0.0:
        return 0
    level -= by_knowledge * gap
    if level < 0.0:
        return 1
    level -= by_information * (1.0 - information)
    return 2 if level < 0.0 else 0
