"""A run from its settings to its figure: train, measure, record, judge."""

from reproduce.experiment.experiment import Experiment
from reproduce.experiment.recipe import Recipe
from reproduce.experiment.settings import Settings

__all__ = ["Experiment", "Recipe", "Settings"]
