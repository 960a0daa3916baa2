"""What is measured, in which unit, which way is better: the registry and its formulas."""
