"""The tables of a scenario file, key by key: the only home of every default.

Owns: name, default, unit, bounds, plausible range, meaning and source of each key. Never does:
read files, follow overlays, or check one key against another (`loading`, `checks`).
"""
