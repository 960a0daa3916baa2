"""Who the customers and the staff are at the start.

Owns: traits of customers, starting knowledge, starting offerings. Never does: change them later.
"""
