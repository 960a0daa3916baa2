"""The page: a firm to watch in the browser, its settings in the link.

Owns: the server and the front end it hands out. Never does: simulate, infer or judge; every
number comes from the rooms that also answer the command line.
"""
