"""What the recipes ask for."""

import keras
import pytest

import models
import vmc
from reproduce.experiment import Settings
from reproduce.recipes import averaged_square, chain, gated_square, square


def test_large_lattices_take_as_many_spins_with_fewer_samples():
    recipe = square.best(Settings(sizes=(4, 6, 16, 18, 30)))
    assert [stage.num_samples for stage in recipe.stages] == [100, 100, 100, 79, 28]
    samples = [recipe.evaluation(stage.lattice) for stage in recipe.stages]
    assert samples == [2000, 2000, 781, 617, 222]
    recipe = chain.best(Settings(sizes=(60, 80, 300)))
    assert [recipe.evaluation(stage.lattice) for stage in recipe.stages] == [20_000, 20_000, 5333]


@pytest.mark.parametrize(
    "recipe",
    [chain.quick, chain.paper, square.quick, square.paper, *averaged_square.RECIPES.values()],
)
def test_the_others_take_as_many_samples_everywhere(recipe):
    recipe = recipe(Settings())
    samples = {recipe.evaluation(stage.lattice) for stage in recipe.stages}
    assert samples == {recipe.evaluation_samples}


def test_the_gated_square_is_trained_as_the_papers_network_is():
    settings = Settings(sizes=(4, 6, 10), weights="none")
    ours, best = gated_square.recipe(settings), square.best(settings)
    assert [s.describe() for s in ours.stages] == [s.describe() for s in best.stages]
    assert ours.network is models.GatedLattice
    sizes = [r.network(**r.model).count_params() for r in (ours, best)]
    assert sizes == [26_066, 28_802]


@pytest.mark.parametrize("make", [chain.paper, square.paper, averaged_square.paper])
def test_the_papers_cost_and_optimizer(make):
    """Equation 24 with C = 10, gradients clipped to norm 1, Adam (appendix V C)."""
    recipe = make(Settings())
    assert recipe.model["units"] == 128
    assert recipe.model.get("num_layers", 5) == 5
    assert type(recipe.make_optimizer()) is keras.optimizers.Adam
    assert recipe.weights is None
    for stage in recipe.stages:
        assert stage.direction == vmc.Gradient(clip=1.0)
        assert stage.magnetization_penalty == 10
        assert (stage.warmup, stage.local_energy_clip, stage.spin_flip) == (0, None, False)
    heat = [float(recipe.stages[0].temperature(k)) for k in (0, 1000)]
    assert heat == pytest.approx([1, 0.5])


def test_the_papers_chain():
    """Section III A and appendix V C."""
    recipe = chain.paper(Settings())
    first, *grown = recipe.stages
    assert [stage.lattice for stage in recipe.stages] == [
        vmc.Chain(n) for n in (80, 100, 120, 140, 160, 180, 200, 220, 240, 260, 280, 300)
    ]
    assert {stage.num_samples for stage in recipe.stages} == {100}
    assert (first.steps, {stage.steps for stage in grown}) == (500_000, {1000})
    rates = [float(first.learning_rate(k)) for k in (0, 3000, 500_000)]
    assert rates == pytest.approx([1e-3, 5e-4, 1e-3 / 501**0.5])
    assert {(s.learning_rate, s.temperature, s.optimizer) for s in grown} == {(1e-4, 0, "fresh")}
    assert recipe.evaluation_samples == 100_000


def test_the_papers_square():
    """Section III B and appendix V C."""
    recipe = square.paper(Settings())
    first, *grown = recipe.stages
    assert [stage.lattice for stage in recipe.stages] == [
        vmc.Square(side) for side in (6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
    ]
    assert {stage.num_samples for stage in recipe.stages} == {100}
    assert (first.steps, first.learning_rate) == (10_000, 1e-4)
    assert [stage.steps for stage in grown] == [1000] * 3 + [100] * 9
    assert [stage.learning_rate for stage in grown] == [1e-4] * 3 + [1e-5] * 9
    assert {(s.temperature, s.optimizer) for s in grown} == {(0, "fresh")}
    assert recipe.evaluation_samples == 2500


def test_the_papers_average():
    """Appendix V C: the temperature goes on falling from stage to stage."""
    stages = averaged_square.paper(Settings()).stages
    assert {stage.lattice for stage in stages} == {vmc.Square(6)}
    assert [stage.steps for stage in stages] == [10_000, 10_000, 2000]
    assert [stage.learning_rate for stage in stages] == [1e-4, 1e-5, 1e-5]
    assert [stage.num_samples for stage in stages] == [100, 100, 1000]
    assert [stage.group for stage in stages] == [None, "square", "square"]
    assert [stage.optimizer for stage in stages] == ["carry"] * 3
    assert [float(stage.temperature(0)) for stage in stages] == pytest.approx([1, 1 / 11, 1 / 21])
