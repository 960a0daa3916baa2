"""Doors are tested as if the checkout stood still: a commit of it is part of every manifest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def still() -> Iterator[None]:
    """One commit for the whole session, whatever happens to the checkout meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.store.manifest.commit", lambda: "0" * 40)
        yield
