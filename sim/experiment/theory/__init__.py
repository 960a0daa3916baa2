"""The register of theory: what five articles say about customer-based organisation, tested.

Owns: the claims, their lever experiments, negative controls, published facts and patterns (data
files beside this one), how they are run and when one holds. Never does: change a setting, a
metric or a parameter because of what came out.
"""

from __future__ import annotations

from sim.experiment.theory.data import (
    Claim,
    Experiment,
    Fact,
    PatternEntry,
    Register,
    register,
)
from sim.experiment.theory.findings import Finding, Theory
from sim.experiment.theory.run import theory

__all__ = [
    "Claim", "Experiment", "Fact", "Finding", "PatternEntry", "Register", "Theory", "register",
    "theory",
]
