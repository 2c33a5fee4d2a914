"""Lattices, Hamiltonians, their matrices and the signs of their ground states."""
