"""Samples of a sector: those of the base on which the sector is zero are drawn anew."""

import numpy as np
from keras import ops

ROUNDS = 16  # base samples that stand ready for each one that may be rejected


def rounds(sector):
    """How often a sample of a `models.characters.Sector` is drawn at most."""
    return ROUNDS if sector.rejects else 1


def accepted_samples(base, sector, uniforms, shape):
    """Base samples that are not rejected.

    One that was rejected in all rounds becomes a copy of an accepted one of
    the batch: with a rejected share of one half in one of 65,536 samples.

    Args:
        base: a wave function.
        sector: a `models.characters.Sector`.
        uniforms: float `[batch, rounds * base.uniforms_per_sample(shape)]`.
        shape: the lattice's.

    Returns:
        int32 `[batch, *shape]`.
    """
    if not sector.rejects:
        return base.draw(uniforms, shape=shape)
    batch = uniforms.shape[0]
    numbers = ops.reshape(uniforms, (batch, ROUNDS, -1))

    def draw(number):
        spins = base.draw(ops.take(numbers, number, axis=1), shape=shape)
        return ops.reshape(spins, (batch, -1))

    def again(number, spins, accepted):
        new = draw(number)
        spins = ops.where(accepted[:, None], spins, new)
        return number + 1, spins, ops.logical_or(accepted, sector.allowed(new))

    def unfinished(number, _, accepted):
        return ops.logical_and(number < ROUNDS, ops.logical_not(ops.all(accepted)))

    first = draw(0)
    one = ops.convert_to_tensor(1, dtype="int32")
    _, spins, accepted = ops.while_loop(unfinished, again, (one, first, sector.allowed(first)))
    # The accepted ones come first in `order`, and the others take them in turn.
    order = ops.argsort(ops.cast(ops.logical_not(accepted), "int32"))
    number = ops.maximum(ops.sum(ops.cast(accepted, "int32")), 1)
    turn = ops.take(order, ops.mod(np.arange(batch, dtype="int32"), number))
    source = ops.where(accepted, np.arange(batch, dtype="int32"), ops.cast(turn, "int32"))
    return ops.reshape(ops.take(spins, source, axis=0), (batch, *shape))
