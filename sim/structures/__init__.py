"""Structures: designs of the firm, compiled to tables.

Owns: presets and a user's own grouping rules, units, pools, teams, distances, routing, what a
layout expects before any run, and how many people each pool gets. Never does: run anything, or
tell another room the name of a key.
"""

from sim.structures.cases import Cases, compile_cases
from sim.structures.catalogue import available, default_list, identity
from sim.structures.describe import Description, describe
from sim.structures.grouping import sensible_keys
from sim.structures.layout import build
from sim.structures.presets import names, title
from sim.structures.routing import pool_teams, workload
from sim.structures.staffing import allocate, explicit_heads

__all__ = ["Cases", "Description", "allocate", "available", "build", "compile_cases",
           "default_list", "describe", "explicit_heads", "identity", "names", "pool_teams",
           "sensible_keys", "title", "workload"]
