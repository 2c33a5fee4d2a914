"""Data that travels with the package: references, results, trained weights."""
