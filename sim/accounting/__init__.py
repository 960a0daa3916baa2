"""What a structure costs and earns in a year."""
