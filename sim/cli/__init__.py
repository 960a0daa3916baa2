"""The command line: a list of questions.

Owns: words typed and words printed. Never does: compute; every command calls one function of
`sim.api` (or of the room it asks about) and prints what comes back.
"""
