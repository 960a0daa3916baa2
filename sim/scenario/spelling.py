"""What a user may have meant: nearest spellings, common synonyms, symbols of the theory.

Owns: the hints behind "did you mean". Never does: accept a wrong spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from sim.errors import nearest
from sim.scenario.catalogue import Path, catalogue, children, find

SYNONYMS = {
    "agents": "staff.heads",
    "arrival_rate": "customers.cases_per_month",
    "cases_per_week": "customers.cases_per_month",
    "cases_per_year": "customers.cases_per_month",
    "churn": "market.churn_max",
    "cost": "money",
    "costs": "money",
    "customer_groups": "segments",
    "customer_segments": "segments",
    "departments": "structures",
    "employees": "staff.heads",
    "errors": "mistakes",
    "fte": "staff.heads",
    "geographies": "regions",
    "headcount": "staff.heads",
    "hourly_pay": "money.pay",
    "hours": "functions.*.work_h",
    "learning": "knowledge.learning",
    "n_customers": "customers.count",
    "number": "customers.count",
    "people": "staff.heads",
    "price": "segments.*.value",
    "probability": "segments.*.share",
    "processes": "functions",
    "quit": "staff.quit_rate",
    "revenue": "segments.*.value",
    "routing": "case_types.*.steps",
    "runs": "compare.replications",
    "salary": "money.pay",
    "services": "products",
    "size": "customers.count",
    "skills": "functions",
    "target": "staff.target_response_h",
    "team_size": "staff.span",
    "teams": "structures",
    "tasks": "functions",
    "title": "name",
    "turnover": "staff.quit_rate",
    "units": "structures.*.units",
    "version": "schema_version",
    "wage": "money.pay",
    "warmup": "time.warm_up",
    "duration": "time.horizon",
    "years": "time.horizon",
}
"""Words users write for a key of ours."""

GROUP_SYNONYMS = {
    "area": "region", "client": "segment", "clients": "segment", "country": "region",
    "customer": "segment", "customers": "segment", "customer segment": "segment",
    "department": "function", "everyone": "all", "functional": "function",
    "functions": "function", "geography": "region", "industry": "segment", "line": "product",
    "location": "region", "market": "segment", "module": "product", "none": "all",
    "one": "all", "process": "function", "products": "product", "regional": "region",
    "regions": "region", "segments": "segment", "service": "product", "site": "region",
    "skill": "function", "undivided": "all", "whole": "all",
}
"""Words users write for a grouping key."""


def meant(word: str, allowed: Iterable[str], synonyms: dict[str, str] | None = None) -> str:
    """A hint "did you mean X?" for a word out of a list, or empty if nothing is close."""
    close = (synonyms or {}).get(word.strip().lower()) or nearest(word, allowed)
    return f"did you mean {close}?" if close else ""


def meant_key(table: Path, word: str) -> str:
    """A hint for an unknown key of a table: another spelling, another table, or what there is."""
    siblings = [key.path[-1] for key in children(table)]
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    if plain in siblings:
        return f"did you mean {plain}?"
    longer = [name for name in siblings if len(plain) > 3 and name.startswith(plain)]
    if len(longer) == 1:
        return f"did you mean {longer[0]}?"
    elsewhere = SYNONYMS.get(plain) or _symbols().get(plain) or _only_home(plain)
    if elsewhere:
        return f"did you mean {_relative(table, elsewhere)}?"
    if close := nearest(plain, siblings):
        return f"did you mean {close}?"
    if close := nearest(plain, _homes()):
        return f"did you mean {_relative(table, _homes()[close][0])}?"
    if len(siblings) > 12:
        siblings = [*siblings[:12], "..."]
    return "allowed here: " + ", ".join(siblings)


def _relative(table: Path, target: str) -> str:
    """A key as it reads from inside a table: its last word if it lives there, else in full."""
    key = find(table) if table else None
    here = f"{key.name}." if key else ""
    return target.removeprefix(here).replace("*", "NAME")


@cache
def _homes() -> dict[str, list[str]]:
    """Dotted keys by their last word."""
    homes: dict[str, list[str]] = {}
    for key in catalogue().values():
        if key.path[-1] != "*":
            homes.setdefault(key.path[-1], []).append(key.name)
    return homes


def _only_home(word: str) -> str | None:
    homes = _homes().get(word, [])
    return homes[0] if len(homes) == 1 else None


@cache
def _symbols() -> dict[str, str]:
    """Symbols of the theory, such as eta_s, given in brackets at the end of a key's meaning."""
    found: dict[str, str] = {}
    for key in catalogue().values():
        if match := re.search(r"\(([A-Za-z_]\w*)\)", key.meaning):
            found.setdefault(match[1].lower(), key.name)
    return found
