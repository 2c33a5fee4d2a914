"""Keras layers: cells, the loops that run them, read-outs."""
