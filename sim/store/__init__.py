"""Results folders: what lies in them, how they are written, read and compared again.

Owns: names of files, their columns and units, safe writing, the manifest. Never does: run the
model, draw a figure, or decide what a number means.
"""

from sim.store.layout import reserve
from sim.store.read import Stored, read
from sim.store.reproduce import Reproduction, reproduce
from sim.store.write import Contents, write

__all__ = ["Contents", "Reproduction", "Stored", "read", "reproduce", "reserve", "write"]
