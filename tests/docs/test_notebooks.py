"""The notebooks run from their first cell to their last, and say what they promise."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "notebooks").glob("*.py"))

pytestmark = pytest.mark.slow


def test_there_is_one_for_each_user() -> None:
    assert [p.stem for p in NOTEBOOKS] == ["educator", "researcher", "strategist"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_runs_and_answers_with_numbers(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# %% [markdown]\n# # ") and text.count("# %%") >= 8
    names = runpy.run_path(str(path))
    said = capsys.readouterr().out
    assert re.search(r"95% (CI|interval)", said)
    if path.stem == "strategist":
        assert names["report"].name == "report-2.html"
        assert "What would flip it" in names["report"].read_text(encoding="utf-8")
    elif path.stem == "educator":
        assert "working hours" in said
    else:
        assert names["paired"] > 0 and names["apart"] > 0
        assert 0.5 < names["ratio"].mean() < 1.5  # Little's law, up to the ends of the window
