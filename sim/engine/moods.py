"""What the mechanisms of staff remember of each person (M4, M16, M17).

Owns: that record, hours and counts of the running week and month. Never does: fill or read it.
"""

from __future__ import annotations

import numpy as np

MOOD = np.dtype(
    [
        ("own", "f8"),  # by how much the person's own base differs
        ("hired_at", "f8"),
        ("counted", "f8"),  # work under way is booked up to here
        ("worked", "f8"),  # h since the month began
        ("heard", "f8"),  # sum of S of the month's verdicts
        ("verdicts", "f8"),  # cases of the month that ended with this person
        ("praised", "f8"),  # of those, customers who were delighted
        ("visits", "f8"),  # of the month
        ("complaints", "f8"),  # of those, for customers who came back
        ("own_visits", "f8"),  # visits of the own pool in measured time
        ("holders", "i8"),  # people who have held the post so far
        ("supervised", "i8"),  # the visit under way is looked after by a colleague
        ("brought_in", "i8"),
        ("contacts", "f8"),  # visits of the month that met the customer
        ("week", "f8"),  # h worked since the week began
        ("overwork", "f8"),  # Om
    ],
    align=True,
)
"""What the mechanisms of staff remember of the holder of a post."""
