"""Grows a square with the gated network, as `reproduce.fig4` grows it with the paper's.

    python -m reproduce.grow --recipe=reproduce/recipes/gated_square.py
    python -m reproduce.grow --recipe=reproduce/recipes/gated_square.py --sizes=4,6

The stages are those of `--recipe=best` of figure 4. To compare both
networks at the same processor time:

    python -m reproduce.ablation --systems=square-6,gated-6 --variants=everything --seconds=180
"""

import dataclasses

import models
from reproduce.recipes import square
from reproduce.recipes.ingredients import POSITIVE

# About as many weights as `square.MODEL` has: 26,066, and it 28,802.
MODEL = {"units": 48, "edge_distance": 4} | POSITIVE


def recipe(settings):
    """From 4x4 to the size that is asked for, from random weights or `--weights`."""
    return dataclasses.replace(
        square.best(settings), name="gated", network=models.GatedLattice, model=MODEL
    )
