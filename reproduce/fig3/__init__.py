"""Figure 3: its recipes, its claims and the script."""
