"""Spin correlations of a trained wave function."""
