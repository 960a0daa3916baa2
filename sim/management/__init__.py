"""Who decides to move people and to retune an offering.

Owns: rules of decision over measured work and needs seen. Never does: move anybody itself (the
engine does), or see more than the firm measures.
"""
