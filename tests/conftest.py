"""What all tests share: property tests explore freely at home and repeat themselves in CI."""

from __future__ import annotations

import os

from hypothesis import settings

# A submission is not held up by an example nobody has met before; new examples are looked for
# wherever the suite runs by hand.
settings.register_profile("ci", derandomize=True, database=None)
if os.environ.get("CI"):
    settings.load_profile("ci")
