"""Iterative retraining: the same weights on one lattice after another."""

import keras

from models.checks import random_seed
from vmc.physics.heisenberg import Heisenberg
from vmc.training import replicas
from vmc.training.callbacks import StepHistory, StopOnNonFinite, StopTogether
from vmc.training.model import first_call
from vmc.training.run_state import RunState, WriteCheckpoints


class StageObserver:
    """Follows a run from stage to stage; every method may be left as it is.

    What an observer has found out so far is kept in the run's checkpoints,
    if it gives it out in `state`.

    Example:

    >>> import models, vmc
    >>> class Printer(StageObserver):
    ...     def after_stage(self, number, stage, wave_function, history):
    ...         print(number, stage.label, len(history["energy"]))
    >>> stages = [vmc.Stage(vmc.Chain(4), steps=3)]
    >>> _ = vmc.retrain(models.GRUChain(units=4), stages, verbose=0, observer=Printer())
    0 4 3
    """

    def before_stage(self, number, stage, wave_function):
        """Before the first minibatch of a stage, with the wave function it trains."""

    def after_stage(self, number, stage, wave_function, history):
        """After the last minibatch, with the logs of all."""

    def state(self):
        """What to keep in a checkpoint: a dict, as JSON can hold it."""
        return {}

    def restore(self, state, histories):
        """Takes back a `state`, with the logs of the stages that are done."""


def adam():
    """The paper's optimizer; each stage sets its rate."""
    return keras.optimizers.Adam(0.0)


def retrain(
    wf,
    stages,
    hamiltonian=Heisenberg,
    optimizer=adam,
    callbacks=(),
    seed=0,
    verbose="auto",
    checkpoints=None,
    observer=None,
):
    """Trains a wave function on one lattice after another (section II D).

    The weights do not know the size of the lattice, so that each stage
    starts from where the one before ended.

    Args:
        wf: a wave function; it is trained in place, on all replicas of the
            `tf.distribute` strategy under whose scope it was made.
        stages: `Stage`s, in order.
        hamiltonian: makes the Hamiltonian of a lattice, such as
            `vmc.Heisenberg` or `lambda lattice: Heisenberg(lattice, j2=0.5)`.
        optimizer: makes a Keras optimizer with a float rate, for the first
            stage and for those that want a fresh one; Adam by default, as
            in the paper.
        callbacks: Keras callbacks for every stage. One that stops training
            ends the run.
        seed: of the samples; each stage draws its own.
        verbose: as of `keras.Model.fit`.
        checkpoints: `vmc.Checkpoints`. If they hold this run, interrupted,
            it goes on from there and ends with the very same weights.
        observer: a `StageObserver`.

    Returns:
        For each stage the logs of every minibatch, a dict of name to
        float array `[steps]` (see `vmc.VMC`).

    Raises:
        FloatingPointError: ten steps in a row were not finite; the weights
            are the last good ones.
        CheckpointError: a checkpoint that cannot be used or written.
        WorkerLost: another worker has stopped or ended; the last whole step
            is in the checkpoints.

    Example:

    >>> import models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> stages = [vmc.Stage(vmc.Chain(n), steps=5) for n in (4, 6)]
    >>> histories = vmc.retrain(wf, stages, verbose=0)
    >>> [len(history["energy"]) for history in histories]
    [5, 5]
    """
    observer = observer or StageObserver()
    seed = random_seed(seed) or 0

    def fresh():
        with replicas.scope(wf):
            if not wf.built and stages:
                first_call(wf, stages[0].lattice)
            made = optimizer()
            made.build(wf.trainable_variables)
        return made

    run = RunState(wf, stages, hamiltonian, fresh(), seed, checkpoints, observer)
    run.read()
    for number, stage in enumerate(stages):
        if number < run.stage:
            continue
        history = StepHistory()
        if number and stage.optimizer == "fresh" and not run.step:
            run.optimizer = fresh()
        with replicas.scope(wf):
            wave_function = stage.wave_function(wf, hamiltonian)
            if stage.steps:
                model = stage.trainer(wave_function, hamiltonian, seed=seed + number)
                stage.compile(model, run.optimizer)
        if stage.steps:
            run.begin(model, history)
            if not run.step:
                observer.before_stage(number, stage, wave_function)
            if run.step < stage.steps:
                guard, together = StopOnNonFinite(), StopTogether()
                try:
                    with replicas.lost_workers_told(wf):
                        model.fit(
                            steps_per_epoch=stage.steps - run.step,
                            callbacks=[history, *callbacks, guard, WriteCheckpoints(run), together],
                            verbose=verbose,
                        )
                except replicas.WorkerLost:
                    run.write()
                    raise
                if guard.stopped:
                    raise FloatingPointError(
                        f"{guard.patience} steps in a row at {stage.lattice} were not finite: "
                        "stopped; try a lower learning rate"
                    )
                run.write()
                if together.by_others:
                    raise replicas.WorkerLost("another worker has stopped")
                if model.stop_training:
                    return [*run.histories, history.arrays()]
        observer.after_stage(number, stage, wave_function, history.arrays())
        run.end_stage(history)
    return run.histories
