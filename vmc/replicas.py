"""What the replicas of a `tf.distribute` strategy share.

Each replica draws and differentiates its own share of a minibatch. What
they know of it they gather, so that every one of them sees the whole
minibatch, and computes the very same means, baseline and logs from it.

Where there is one replica, and on other backends, all of this leaves its
arguments as they are.
"""

import contextlib

import keras
import numpy as np
from keras import ops


class ReplicaSeed(keras.random.SeedGenerator):
    """The seeds of one step: each replica folds its own number into a shared state.

    The state is the same on all replicas: whoever keeps it has kept all
    streams. It goes on once a step (see `advanced`), and until then `next`
    gives the same seed, however often it is asked for.

    Args:
        state: a Keras variable, made by `seed_state`.
    """

    def __init__(self, state):
        self.state = state

    def next(self, ordered=True):
        seed = self.state.value * 1
        context = _context()
        if context is None:
            return seed
        import tensorflow as tf

        number = context.replica_id_in_sync_group
        return tf.random.experimental.stateless_fold_in(tf.cast(seed, "int64"), number)


def seed_state(layer, seed):
    """A weight of a layer that holds a random state, and so is saved with it."""
    start = keras.random.SeedGenerator(seed).state
    return layer.add_weight(
        shape=start.shape, dtype=start.dtype, trainable=False, name="random_state",
        initializer=lambda shape, dtype: ops.cast(start.value, dtype),
    )  # fmt: skip


def advanced(state):
    """The random state of the next step."""
    return ops.add(state.value, ops.array([0, 1], state.dtype))


def scope(model):
    """The scope of the strategy that a Keras model was made under."""
    if keras.backend.backend() != "tensorflow":
        return contextlib.nullcontext()
    return model.distribute_strategy.scope()


def count(model):
    """How many replicas train a Keras model."""
    if keras.backend.backend() != "tensorflow":
        return 1
    return model.distribute_strategy.num_replicas_in_sync


def share(model, num_samples):
    """Samples that each of a Keras model's replicas draws of a minibatch.

    Raises:
        ValueError: they cannot be shared out evenly.
    """
    if num_samples % count(model):
        raise ValueError(
            f"num_samples must be a multiple of the number of replicas, {count(model)}, "
            f"not {num_samples}."
        )
    return num_samples // count(model)


def is_chief(model):
    """Whether this is the worker that writes files; the only one but for several machines."""
    cluster = _cluster(model)
    return cluster is None or cluster.task_id == 0


def exchange(model):
    """A function through which the workers that train a Keras model tell each other numbers.

    All of them call it at the same time with a list of ints, and get those
    of all, int `[replicas, numbers]`. It raises `WorkerLost` where one of
    them has ended instead.
    """
    if _cluster(model) is None:
        return lambda numbers: np.array([numbers])
    import tensorflow as tf

    strategy = model.distribute_strategy

    @tf.function
    def of_all(numbers):
        return strategy.run(lambda: gather(numbers[None]))

    def call(numbers):
        with lost_workers_told(model):
            found = strategy.experimental_local_results(of_all(tf.constant(numbers)))
            return ops.convert_to_numpy(found[0])

    return call


class WorkerLost(RuntimeError):
    """Another worker of a strategy has stopped or ended, so that this one cannot go on."""


@contextlib.contextmanager
def lost_workers_told(model):
    """Raises what TensorFlow says of a lost worker, at length, as `WorkerLost`.

    Args:
        model: a Keras model that the workers train.
    """
    errors = ()
    if _cluster(model) is not None:
        from tensorflow import errors as tf_errors

        errors = (tf_errors.UnavailableError, tf_errors.AbortedError, tf_errors.CancelledError)
    try:
        yield
    except errors as error:
        raise WorkerLost("another worker was lost") from error


def _cluster(model):
    """Who trains a Keras model on several machines, or None where it is one."""
    if keras.backend.backend() != "tensorflow":
        return None
    return model.distribute_strategy.cluster_resolver


def is_mirrored(variable):
    """Whether a Keras variable was made under a strategy's scope."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return isinstance(variable.value, tf.distribute.DistributedValues)


def gather(values):
    """Rows of all replicas, in the order of their numbers: `[batch, ...]` of `[share, ...]`."""
    context = _context()
    if context is None:
        return values
    # A sum with zeros is exact, and has an order that gathering on several
    # devices of several machines does not promise.
    numbers = ops.reshape(
        ops.arange(context.num_replicas_in_sync), (-1,) + (1,) * len(values.shape)
    )
    here = ops.equal(numbers, context.replica_id_in_sync_group)
    slots = ops.where(here, values[None], ops.zeros_like(values)[None])
    (slots,) = total([slots])
    return ops.reshape(slots, (slots.shape[0] * slots.shape[1], *values.shape[1:]))


def own(values):
    """This replica's share of the rows of all: `[share, ...]` of `[batch, ...]`."""
    context = _context()
    if context is None:
        return values
    share = values.shape[0] // context.num_replicas_in_sync
    start = context.replica_id_in_sync_group * share
    return values[start : start + share]


def total(tensors):
    """Each tensor's sum over all replicas, a list."""
    context = _context()
    return tensors if context is None else context.all_reduce("SUM", tensors)


def once(tensors):
    """Tensors that sum to themselves over all replicas, a list: zeros on all but the first."""
    context = _context()
    if context is None:
        return tensors
    first = ops.equal(context.replica_id_in_sync_group, 0)
    return [ops.where(first, tensor, ops.zeros_like(tensor)) for tensor in tensors]


def _context():
    """TensorFlow's context of this replica, or None where there is only one."""
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    return context if context and context.num_replicas_in_sync > 1 else None
