"""What the recipes ask for."""

import pytest

from reproduce.fig3 import recipes as fig3
from reproduce.fig4 import recipes as fig4
from reproduce.table1 import recipes as table1


def test_large_lattices_take_as_many_spins_with_fewer_samples():
    recipe = fig4.best(sizes=(4, 6, 16, 18, 30))
    assert [stage.num_samples for stage in recipe.stages] == [100, 100, 100, 79, 28]
    samples = [recipe.evaluation(stage.lattice) for stage in recipe.stages]
    assert samples == [2000, 2000, 781, 617, 222]
    recipe = fig3.best(sizes=(60, 80, 300))
    assert [recipe.evaluation(stage.lattice) for stage in recipe.stages] == [20_000, 20_000, 5333]


@pytest.mark.parametrize(
    "recipe", [fig3.quick, fig3.paper, fig4.quick, fig4.paper, *table1.RECIPES.values()]
)
def test_the_others_take_as_many_samples_everywhere(recipe):
    recipe = recipe()
    samples = {recipe.evaluation(stage.lattice) for stage in recipe.stages}
    assert samples == {recipe.evaluation_samples}


def test_the_papers_minibatches_are_those_of_its_appendix():
    chain, square = fig3.paper(), fig4.paper()
    assert [stage.lattice.num_sites for stage in chain.stages] == list(range(80, 301, 20))
    assert {stage.steps for stage in chain.stages[1:]} == {1000}
    assert [stage.lattice.shape[0] for stage in square.stages] == list(range(6, 31, 2))
    assert [stage.steps for stage in square.stages[1:]] == [1000] * 3 + [100] * 9
    assert {stage.num_samples for stage in (*chain.stages, *square.stages)} == {100}
