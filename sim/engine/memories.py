"""The records of what is remembered about customers and of the visits of their cases.

Owns: dtype, unit and meaning of their fields. Never does: fill them; they have no rows while no
module asks for them.
"""

from __future__ import annotations

import numpy as np

PROFILE = np.dtype(
    [
        ("log_value", "f8"),  # z of the annual value, standard normal over customers
        ("worth", "f8"),  # money/year
        ("score", "f8"),  # by which the firm, or hindsight, ranks
        ("chosen", "i8"),  # the firm favours this customer
        ("best", "i8"),  # truly among the most valuable
        ("errands", "i8"),  # complaints and follow-ups so far: the count in the draw key
        ("trust", "f8"),  # 0..1
    ]
)
"""What is remembered about a customer beside `state.CUSTOMER`; kept only where a module asks."""

CONTACT = np.dtype(
    [
        ("visits", "f8"),
        ("understanding", "f8"),  # sum over visits
        ("stages", "f8"),  # sum over visits of their quality
        ("worst", "f8"),  # least quality of a visit
        ("failed", "i8"),  # the first attempt failed
    ]
)
"""What a customer remembers of the visits of a case; kept only where something asks for it."""
