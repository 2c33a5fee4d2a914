"""A short run that keeps checkpoints, for tests to kill wherever it is."""

import hashlib

import keras

import models
import vmc

STEPS = 150
STAGES = [vmc.Stage(vmc.Chain(6), steps=STEPS, learning_rate=1e-2, num_samples=20)]


def train(folder=None):
    """Trains, goes on with what is in the folder, and returns a hash of the weights' bits."""
    keras.utils.set_random_seed(0)
    wf = models.GRUChain(units=4)
    # A checkpoint a step: that many moments to be killed at while one is written.
    checkpoints = folder and vmc.Checkpoints(folder, seconds=0.0)
    vmc.retrain(wf, STAGES, callbacks=[SayStep()], verbose=0, checkpoints=checkpoints)
    return hashlib.sha256(b"".join(w.tobytes() for w in wf.get_weights())).hexdigest()


class SayStep(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        print("step", self.model.first_step + batch + 1, flush=True)
