"""The class page: one file with runs made before, for a lesson without a server.

Owns: which runs a class page holds, and how they and the player become one HTML file. Never does:
infer or phrase; every number comes from the rooms that also answer the command line.
"""

from __future__ import annotations

from sim.app.classpage.make import ClassPage, classpage

__all__ = ["ClassPage", "classpage"]
