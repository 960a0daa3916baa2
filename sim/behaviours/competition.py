"""How customers and prospects weigh the firm against competitors (M23).

Source: C_c = C + 0.47 (fit_comp - 0.67) and choice sig(b (S_exp - C_c)) of the theory (numerical
check there); differences below 0.03 are not perceived (assumption).
"""

from __future__ import annotations

import math

from sim.jit import kernel


@kernel
def raised(weight, fit, reference):
    """What a competitor's fit adds to its attractiveness: w (fit - reference)."""
    return weight * (fit - reference)


@kernel
def perceived(difference, least):
    """A difference as it is seen: 0 where it is below the least perceptible."""
    return 0.0 if abs(difference) < least else difference


@kernel
def choice(difference, steepness):
    """Probability of choosing the firm: sig(b (S_exp - C_c))."""
    return 1.0 / (1.0 + math.exp(min(-steepness * difference, 700.0)))
