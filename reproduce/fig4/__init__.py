"""Figure 4: its recipes, its claims and the script."""
