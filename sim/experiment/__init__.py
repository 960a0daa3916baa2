"""Many runs, one question: run a structure, compare structures, follow a customer.

Owns: replications, staffing by simulation, inference, the verdict and its words. Never does:
simulate (`engine`), write files (`store`), print or draw.
"""
