"""The bench: the same work in this engine, in C and in other simulators, side by side.

Owns: works, programs and rows of `scripts/bench.py`. Never does: ship with the product.
"""
