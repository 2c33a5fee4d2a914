"""How long a train step takes, and what takes it."""
