"""Squares grown within minutes on one GPU, under JAX."""
