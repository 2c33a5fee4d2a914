"""Trains the average of a square over its symmetries and the spin flip, from grown weights.

    KERAS_BACKEND=jax python data/training/averaged/train.py SIDE WEIGHTS STEPS SAMPLES RATE FOLDER

The rate falls along a cosine to a fiftieth. A run that was interrupted goes
on from the checkpoint in FOLDER.
"""

import pathlib
import sys

import keras

import vmc
from reproduce.recipes.ingredients import muon


class Printed(keras.callbacks.Callback):
    """Prints a line every fifth minibatch."""

    done = 0

    def on_train_batch_end(self, batch, logs=None):
        self.done += 1
        if self.done % 5 == 0:
            shown = ("energy", "variance", "gradient_norm")
            print(self.done, *(f"{name} {float(logs[name]):.5f}" for name in shown), flush=True)


def main(side, weights, steps, samples, rate, folder):
    keras.utils.set_random_seed(11)
    wf = keras.models.load_model(weights)
    folder = pathlib.Path(folder)
    stage = vmc.Stage(
        vmc.Square(side),
        steps=steps,
        learning_rate=keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.02),
        num_samples=samples,
        group="square",
        spin_flip=True,
        warmup=5,
    )
    vmc.retrain(
        wf,
        [stage],
        optimizer=muon,
        seed=side,
        callbacks=[Printed()],
        verbose=0,
        checkpoints=vmc.Checkpoints(folder, seconds=300),
    )
    wf.save(folder / f"{side}-averaged.keras")


if __name__ == "__main__":
    side, weights, steps, samples, rate, folder = sys.argv[1:]
    main(int(side), weights, int(steps), int(samples), float(rate), folder)
