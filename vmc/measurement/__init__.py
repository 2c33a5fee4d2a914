"""Expectation values from samples, with error bars."""
