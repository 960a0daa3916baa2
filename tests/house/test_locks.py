"""The locks: pinned, hashed, complete, without any address; and only free dependencies."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CORE = PROJECT["project"]["dependencies"]
EXTRAS = PROJECT["project"]["optional-dependencies"]
ASKED = {
    "requirements.lock": CORE,
    "requirements-dev.lock": CORE + EXTRAS["dev"],
    "requirements-bench.lock": CORE + EXTRAS["dev"] + EXTRAS["bench"],
    "requirements-setup.lock": PROJECT["dependency-groups"]["setup"],
}

PERMISSIVE = re.compile(
    r"\b(MIT(-CMU|-0)?|0?BSD(-[23]-Clause)?|Apache(-2\.0|[- ]Software| 2\.0)?|PSF(-2\.0)?"
    r"|Python Software Foundation|ISC|Zlib|CC0-1\.0|HPND|Unlicense)\b")
WEAK = re.compile(r"\bMPL-2\.0\b|Mozilla Public")
"""Copyleft per file: fine in a dependency of a dependency, not chosen by ourselves."""
STRONG = re.compile(r"\b[AL]?GPL|General Public|EUPL|SSPL|BUSL|Commons Clause|Proprietary")


def pins(name: str) -> dict[str, set[str]]:
    """Package to versions (one, or one per range of Pythons) of a lock."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line and line[0] not in "# ":
            wanted = Requirement(line.removesuffix("\\").strip())
            (version,) = wanted.specifier
            assert version.operator == "==", line
            found.setdefault(canonicalize_name(wanted.name), set()).add(version.version)
    return found


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_is_pinned_hashed_and_without_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", text)
    head, packages = entries[0], entries[1:]
    assert "make lock" in head and all(line.startswith("#") for line in head.splitlines())
    assert packages
    for entry in packages:
        assert re.match(r"[A-Za-z0-9][\w.-]*==[\w.+!]+( ; [^\\]+)? \\\n", entry), entry[:80]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry[:80]
    assert "://" not in text and " @ " not in text
    assert not [line for line in text.splitlines() if line.startswith("-")]


@pytest.mark.parametrize("name", ASKED)
def test_a_lock_holds_what_the_project_asks(name: str) -> None:
    """Each name asked for is there, in a version that is allowed; nothing else was asked for."""
    locked = pins(name)
    asked = {canonicalize_name(Requirement(r).name): Requirement(r) for r in ASKED[name]}
    for package, wanted in asked.items():
        for version in locked[package]:
            assert wanted.specifier.contains(version), f"{package} {version}"
    text = (ROOT / name).read_text(encoding="utf-8")
    direct = {canonicalize_name(entry.partition("==")[0])
              for entry in re.split(r"\n(?=[A-Za-z0-9])", text)[1:]
              if re.search(r"# +(via )?(orgsim )?\(?pyproject\.toml", entry)}
    assert direct == set(asked)


def test_locks_agree() -> None:
    """A package has the same versions in every lock that holds it."""
    core, dev, bench, setup = (pins(name) for name in ASKED)

    assert core.keys() <= dev.keys()
    for package in core:
        assert core[package] == dev[package]
    for package in setup.keys() & dev.keys():
        assert setup[package] == dev[package]
    for package in bench.keys() & dev.keys():
        assert bench[package] <= dev[package]


def dependencies() -> dict[str, bool]:
    """Every package the installed program needs here, and whether we chose it ourselves."""
    chosen = {canonicalize_name(Requirement(r).name) for r in CORE}
    found: dict[str, bool] = {}
    waiting = sorted(chosen)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = name in chosen
        for text in distribution(name).requires or []:
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                waiting.append(canonicalize_name(wanted.name))
    return found


def licence(package: str) -> str:
    """What a package says of its licence: expression, classifiers, or the short field."""
    about = distribution(package).metadata
    if "License-Expression" in about:
        return str(about["License-Expression"])
    marks = [c for c in about.get_all("Classifier", []) if c.startswith("License ::")]
    short = str(about.get("License", "")).strip()
    return " ".join(marks) or (short if len(short) < 60 else short.splitlines()[0])


def permitted(text: str, chosen: bool) -> bool:
    """May a package under this licence be depended on?"""
    rest = PERMISSIVE.sub("", text)
    if STRONG.search(rest):
        return False
    return bool(PERMISSIVE.search(text)) and (not chosen or not WEAK.search(rest))


def test_dependencies_are_few_and_permissive() -> None:
    """Thirteen for model, engine, data and figures; SALib for sensitivity, two for the page."""
    assert len(CORE) <= 13 + 1 + 2
    found = dependencies()
    assert len(found) >= len(CORE)
    refused = {name: licence(name) for name, chosen in found.items()
               if not permitted(licence(name), chosen)}
    assert not refused


@pytest.mark.parametrize(("text", "chosen", "answer"), [
    ("MIT", True, True), ("BSD-3-Clause AND 0BSD", True, True), ("GPL-3.0-or-later", False, False),
    ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False, False),
    ("MPL-2.0 AND MIT", False, True), ("MPL-2.0 AND MIT", True, False), ("", True, False),
    ("MIT AND AGPL-3.0-only", False, False), ("Proprietary", False, False),
])
def test_what_is_permitted(text: str, chosen: bool, answer: bool) -> None:
    assert permitted(text, chosen) is answer
