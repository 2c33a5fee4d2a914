"""What recipes are made of: networks, optimizers, rates, stages."""

import keras

import vmc
from reproduce.reference import paper

WARMUP = 20  # minibatches of rising rates, in stages of ours

# Conserved S^z and the Marshall sign leave a positive function to learn.
POSITIVE = {"phase": "none", "marshall_sign": True, "total_sz": 0}


def muon():
    """Steps of matrices that change all their directions alike (arXiv:2502.16982).

    Vectors, such as biases, follow Adam at a third of the rate. Nothing
    decays: a wave function's weights have no reason to be small.
    """
    return keras.optimizers.Muon(0.0, weight_decay=0.0, adam_weight_decay=0.0, adam_lr_ratio=0.3)


def falling(rate, steps, to=0.1):
    """A learning rate that falls along a cosine, to a fraction of its start."""
    return keras.optimizers.schedules.CosineDecay(rate, max(1, steps), alpha=to)


def from_nothing(lattice, steps, rate, temperature):
    """Our first stage, of a network that knows nothing.

    Its temperature falls to zero over two thirds of the minibatches, and
    keeps rare configurations alive until then. The ablation shows no
    difference, but without it the full recipe for chains ended several
    times further above DMRG at 80 spins.
    """
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=falling(rate, steps),
        warmup=WARMUP,
        temperature=keras.optimizers.schedules.PolynomialDecay(
            temperature, max(1, steps * 2 // 3), 0.0
        ),
    )


def paper_start(lattice, steps, learning_rate):
    """The paper's first stage, of a network that knows nothing (appendix V C)."""
    return paper_stage(lattice, steps, learning_rate, temperature=vmc.paper_temperature())


def paper_growth(lattice, steps, learning_rate):
    """The paper's stage of a network that has grown (appendix V C)."""
    return paper_stage(lattice, steps, learning_rate, optimizer="fresh")


def paper_stage(lattice, steps, learning_rate, **options):
    """A stage with the paper's cost and clipping (equation 24, appendix V C).

    Args:
        lattice: a `vmc.Lattice`.
        steps: minibatches.
        learning_rate: a float or a schedule.
        **options: of `vmc.Stage`.
    """
    cost = paper()["cost"]
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=learning_rate,
        magnetization_penalty=cost["magnetization_penalty"],
        direction=vmc.Gradient(clip=cost["gradient_clip_norm"]),
        **options,
    )


def growth(lattice, sizes, steps, first, then):
    """The stages of a growth from size to size.

    Args:
        lattice: makes the lattice of a size.
        sizes: where to train.
        steps: minibatches at each of them.
        first: makes the stage of the first lattice and its minibatches.
        then: makes the others.
    """
    makers = [first] + [then] * (len(sizes) - 1)
    return tuple(make(lattice(s), n) for make, s, n in zip(makers, sizes, steps, strict=True))
