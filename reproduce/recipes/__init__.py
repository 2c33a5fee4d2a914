"""How the paper trains, and how we do."""
