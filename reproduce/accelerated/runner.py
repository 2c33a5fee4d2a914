"""A phase of a plan, compiled and run many steps at a time."""

import threading
import time

import jax
import keras
import numpy as np

import models
import vmc
from vmc.measurement.estimate import estimate_from_moments
from vmc.measurement.statistics import Moments
from vmc.training.jax_step import train_step
from vmc.training.replicas import advanced

AT_ONCE = 20  # steps of a call
AT_ONCE_LARGE = 4  # from 20x20 on, where a step of an average takes a second or more


class Runner:
    """One phase, ready to run: its model, state and compiled steps.

    Args:
        phase: a `Phase`.
        wf: the network.
        optimizer: of all phases; its variables' values come in with the state.
        seed: of the phase's samples.
        scale: multiplies the phase's samples.
        precision: of products in float32, see `jax.default_matmul_precision`.
        at_once: steps of a call; None decides by the side.
    """

    lock = threading.Lock()

    def __init__(self, phase, wf, optimizer, seed, scale=1.0, precision=None, at_once=None):
        self.phase = phase
        large = phase.side >= 20 and not phase.chain
        self.at_once = at_once or (AT_ONCE_LARGE if large else AT_ONCE)
        self.precision = precision or ("highest" if phase.rate == 0 else "default")
        ansatz = (
            models.Symmetrized(wf, "chain" if phase.chain else "square", spin_flip=True)
            if phase.averaged
            else wf
        )
        samples = max(2, int(phase.num_samples * scale))
        hamiltonian = vmc.Heisenberg(phase.lattice)
        with self.lock:
            self.model = vmc.VMC(
                ansatz, hamiltonian, samples, temperature=self._temperature, seed=seed
            )
            self.model.compile(optimizer, direction=vmc.Gradient(clip=1.0))
        self.heat = 0.0

    def _temperature(self, minibatch):
        return self.heat

    def compile(self):
        """Compiles `at_once` steps, or as many draws of a measurement, as one call."""
        model = self.model

        def steps(trainable, others, optimizer_state, heat):
            self.heat = heat

            def step(state, _):
                logs, state = train_step(model, state, None)
                return state, logs

            state, logs = jax.lax.scan(
                step, (trainable, others, optimizer_state, []), None, self.at_once
            )
            return state[:3], logs

        def draws(trainable, others):
            def draw(state, _):
                pairs = zip(model.trainable_variables + model.non_trainable_variables, state)
                with keras.StatelessScope(state_mapping=list(pairs)):
                    energy = model.local_energies(model.sample())
                    model.random_state.assign(advanced(model.random_state))
                    moved = [v.value for v in model.non_trainable_variables]
                return [*state[: len(trainable)], *moved], energy

            state, energy = jax.lax.scan(draw, [*trainable, *others], None, self.at_once)
            return state[len(trainable) :], energy

        values = [v.value for v in model.trainable_variables]
        others = [v.value for v in model.non_trainable_variables]
        with jax.default_matmul_precision(self.precision):
            with self.lock:
                if self.phase.rate:
                    of_optimizer = [v.value for v in model.optimizer.variables]
                    lowered = jax.jit(steps).lower(values, others, of_optimizer, 0.0)
                else:
                    lowered = jax.jit(draws).lower(values, others)
            start = time.monotonic()
            self.run = lowered.compile()
        self.compiling = time.monotonic() - start
        return self


def rate_index(optimizer):
    """Where the learning rate is among the optimizer's variables."""
    return [v is optimizer.learning_rate for v in optimizer.variables].index(True)


def train(runner, trainable, optimizer_state, seconds, rate_at):
    """Trains for about so many seconds; returns weights, optimizer state and logs."""
    phase, at_once = runner.phase, runner.at_once
    others = [v.value for v in runner.model.non_trainable_variables]
    logs, begun, pace, done, total = [], time.monotonic(), None, 0, 10**9
    while done < total:
        fraction = min(1.0, (time.monotonic() - begun) / seconds)
        rate = phase.rate * (phase.to + (1 - phase.to) * (1 + np.cos(np.pi * fraction)) / 2)
        rate *= min(1.0, (done + 1) / (2 * at_once))
        heat = phase.temperature * max(0.0, 1 - 1.5 * fraction)
        optimizer_state[rate_at] = np.float32(rate)
        (trainable, others, optimizer_state), new = runner.run(
            trainable, others, list(optimizer_state), float(heat)
        )
        optimizer_state = list(optimizer_state)
        new = {k: np.asarray(v) for k, v in new.items()}
        logs.append({**new, "rate": np.full(at_once, rate)})
        done += at_once
        pace = (time.monotonic() - begun) / done
        if time.monotonic() - begun + pace * at_once > seconds:
            total = done
    return trainable, optimizer_state, {k: np.concatenate([x[k] for x in logs]) for k in logs[0]}


def measure(runner, trainable, seconds):
    """Measures for about so many seconds; returns an estimate."""
    others = [v.value for v in runner.model.non_trainable_variables]
    moments, begun, calls = Moments(), time.monotonic(), 0
    while True:
        others, parts = runner.run(trainable, others)
        moments.add(np.stack([np.ravel(part) for part in parts], axis=1)[:, None])
        calls += 1
        spent = time.monotonic() - begun
        if spent * (1 + 1 / calls) > seconds:
            return estimate_from_moments(moments, runner.phase.lattice.num_sites)
