"""Mechanisms are tried in small firms: without the compiler each run takes many seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave this folder out of the pass without compiled code."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.slow)
