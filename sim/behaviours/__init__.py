"""How people and customers behave: one short file per theory, each a few compiled formulas.

Owns: formulas of single decisions, plain floats in and out. Never does: know events, queues,
or the name of a structure.
"""
