"""Verification: what theory says against what the simulation does.

Owns: the rows of `orgsim verify` (theory inside a 99.9% interval that is at most 5% of theory
wide on either side, R16). Never does: know how the engine works; every row goes through the
scenario, preparation and runs that users go through.
"""

from __future__ import annotations

from sim.experiment.verify.checks import Experiment, Observed, Quantity, Row
from sim.experiment.verify.run import catalogue, verify

__all__ = ["Experiment", "Observed", "Quantity", "Row", "catalogue", "verify"]
