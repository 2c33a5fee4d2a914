"""Iterative retraining: the same weights on one lattice after another."""

import dataclasses

import keras

from vmc.callbacks import StepHistory
from vmc.hamiltonian import Heisenberg
from vmc.lattice import Lattice
from vmc.schedules import Warmup
from vmc.train import VMC


@dataclasses.dataclass(frozen=True)
class Stage:
    """Training on one lattice.

    Attributes:
        lattice: where to train.
        steps: minibatches; 0 leaves the weights as they are.
        learning_rate: a float or a Keras schedule of the stage's minibatch.
        optimizer: `"carry"` goes on with the moments of the stage before,
            `"fresh"` starts with none.
        warmup: minibatches over which the rate rises to its value. A fresh
            optimizer without one can throw a grown model away.
        num_samples: minibatch.
        temperature: T of equation 24, a float or a Keras schedule.
        magnetization_penalty: C of equation 24.
        gradient_clip_norm: largest global norm of a gradient, or None.
        local_energy_clip: see `vmc.Cost`.
    """

    lattice: Lattice
    steps: int
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 1e-4
    optimizer: str = "carry"
    warmup: int = 0
    num_samples: int = 100
    temperature: float | keras.optimizers.schedules.LearningRateSchedule = 0.0
    magnetization_penalty: float = 0.0
    gradient_clip_norm: float | None = 1.0
    local_energy_clip: float | None = None

    def __post_init__(self):
        if self.steps < 0:
            raise ValueError(f"A stage cannot have {self.steps} minibatches.")
        if self.optimizer not in ("carry", "fresh"):
            raise ValueError(f'optimizer must be "carry" or "fresh", not {self.optimizer!r}.')
        if self.warmup < 0:
            raise ValueError(f"warmup must not be negative, not {self.warmup}.")

    def trainer(self, wf, hamiltonian=Heisenberg, seed=0):
        """The `VMC` of this stage, not yet compiled."""
        return VMC(
            wf,
            hamiltonian(self.lattice),
            num_samples=self.num_samples,
            temperature=self.temperature,
            magnetization_penalty=self.magnetization_penalty,
            local_energy_clip=self.local_energy_clip,
            seed=seed,
        )


def retrain(
    wf, stages, hamiltonian=Heisenberg, optimizer=None, callbacks=(), seed=0, verbose="auto"
):
    """Trains a wave function on one lattice after another (section II D).

    The weights do not know the size of the lattice, so that each stage
    starts from where the one before ended.

    Args:
        wf: a wave function; it is trained in place.
        stages: `Stage`s, in order.
        hamiltonian: makes the Hamiltonian of a lattice, such as
            `vmc.Heisenberg` or `lambda lattice: Heisenberg(lattice, j2=0.5)`.
        optimizer: a Keras optimizer made with a float rate, for a first
            stage that carries; Adam by default, as in the paper.
        callbacks: Keras callbacks for every stage.
        seed: of the samples; each stage draws its own.
        verbose: as of `keras.Model.fit`.

    Returns:
        For each stage the logs of every minibatch, a dict of name to
        float array `[steps]` (see `vmc.VMC`).

    Example:

    >>> import models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> stages = [vmc.Stage(vmc.Chain(n), steps=5) for n in (4, 6)]
    >>> histories = vmc.retrain(wf, stages, verbose=0)
    >>> [len(history["energy"]) for history in histories]
    [5, 5]
    """
    histories = []
    for number, stage in enumerate(stages):
        if optimizer is None or stage.optimizer == "fresh":
            optimizer = keras.optimizers.Adam(0.0)
        if not stage.steps:
            histories.append({})
            continue
        model = stage.trainer(wf, hamiltonian, seed=seed + number)
        model.compile(
            optimizer=optimizer,
            gradient_clip_norm=stage.gradient_clip_norm,
            learning_rate=Warmup(stage.learning_rate, stage.warmup),
        )
        history = StepHistory()
        model.fit(steps_per_epoch=stage.steps, callbacks=[*callbacks, history], verbose=verbose)
        histories.append(history.arrays())
        if model.stop_training:
            break
    return histories
