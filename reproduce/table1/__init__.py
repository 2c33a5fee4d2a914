"""Table I: its recipes, its claims and the script."""
