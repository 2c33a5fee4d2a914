"""What the replicas share that train together.

They are those of a `tf.distribute` strategy on TensorFlow, and the devices
of Keras' `DataParallel` distribution on JAX.

Each replica draws and differentiates its own share of a minibatch. What
they know of it they gather, so that every one of them sees the whole
minibatch, and computes the very same means, baseline and logs from it.

Where there is one replica, and on other backends, all of this leaves its
arguments as they are.
"""

import contextlib
import contextvars

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
        return seed if context is None else context.fold_in(seed)


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
    if keras.backend.backend() == "tensorflow":
        return model.distribute_strategy.num_replicas_in_sync
    return len(devices())


def devices():
    """The JAX devices that train together, a list; the first one if there is one only.

    Raises:
        ValueError: several devices of another backend.
    """
    distribution = keras.distribution.distribution()
    if not isinstance(distribution, keras.distribution.DataParallel):
        return [None]
    if keras.backend.backend() != "jax":
        raise ValueError(
            f"On the {keras.backend.backend()} backend a Keras distribution shares no minibatch: "
            "set KERAS_BACKEND=jax, or leave it out."
        )
    import jax

    by_name = {f"{device.platform}:{device.id}": device for device in jax.devices()}
    return [by_name[name] for name in distribution.device_mesh.devices.flatten()]


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
    numbers = ops.reshape(ops.arange(context.count), (-1,) + (1,) * len(values.shape))
    slots = ops.where(
        ops.equal(numbers, context.number), values[None], ops.zeros_like(values)[None]
    )
    (slots,) = total([slots])
    return ops.reshape(slots, (slots.shape[0] * slots.shape[1], *values.shape[1:]))


def own(values):
    """This replica's share of the rows of all: `[share, ...]` of `[batch, ...]`."""
    context = _context()
    if context is None:
        return values
    share = values.shape[0] // context.count
    return ops.take(values, context.number * share + ops.arange(share), axis=0)


def total(tensors):
    """Each tensor's sum over all replicas, a list."""
    context = _context()
    return tensors if context is None else [context.sum(tensor) for tensor in tensors]


def once(tensors):
    """Tensors that sum to themselves over all replicas, a list: zeros on all but the first."""
    context = _context()
    if context is None:
        return tensors
    first = ops.equal(context.number, 0)
    return [ops.where(first, tensor, ops.zeros_like(tensor)) for tensor in tensors]


class _OnTensorFlow:
    """A replica of a `tf.distribute` strategy."""

    def __init__(self, context):
        self.count = context.num_replicas_in_sync
        self.number = context.replica_id_in_sync_group
        self._context = context

    def sum(self, tensor):
        return self._context.all_reduce("SUM", tensor)

    def fold_in(self, seed):
        import tensorflow as tf

        return tf.random.experimental.stateless_fold_in(tf.cast(seed, "int64"), self.number)


class OnJax:
    """A device of several, while a function is traced that runs on each of them.

    A context manager; `axis` is the mesh's axis that `jax.shard_map` maps over.
    """

    axis = "replicas"
    _now = contextvars.ContextVar("on_jax", default=None)

    def __init__(self, count):
        self.count = count

    def __enter__(self):
        self._token = self._now.set(self)

    def __exit__(self, *exception):
        self._now.reset(self._token)

    @property
    def number(self):
        import jax

        return jax.lax.axis_index(self.axis)

    def sum(self, tensor):
        import jax

        return jax.lax.psum(tensor, self.axis)

    def fold_in(self, seed):
        import jax

        return jax.random.fold_in(seed, self.number)


def _context():
    """The replica that a function is traced for, or None where there is only one."""
    if keras.backend.backend() != "tensorflow":
        return OnJax._now.get()
    import tensorflow as tf

    context = tf.distribute.get_replica_context()
    if context is None or context.num_replicas_in_sync == 1:
        return None
    return _OnTensorFlow(context)
