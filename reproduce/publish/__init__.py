"""Puts a run's weights into the zoo, with a model card."""
