"""What a unit thinks of the hand-offs it receives: its internal supplier's service.

Source: assumption; every hand-off is a service to the next unit, judged by completeness and
delay.
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def internal_service(information, delay_h, tolerance_h):
    """Score in [0, 1]: half for completeness I, half for speed 2^(-delay / tolerance)."""
    return 0.5 * information + 0.5 * math.exp(-0.6931471805599453 * delay_h / tolerance_h)
