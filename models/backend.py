"""The little that differs between the TensorFlow, the JAX and the PyTorch backend."""

import contextlib
import functools
import weakref

import keras
import numpy as np

_graphs = weakref.WeakKeyDictionary()


def compiled(method):
    """Makes a method of a Keras layer run as one compiled graph.

    The graph is a `tf.function` on the TensorFlow backend and a `jax.jit`
    that takes the layer's variables as arguments on JAX, so that it never
    sees stale weights. One graph is kept for each set of shapes and of
    keyword arguments. On PyTorch there is no graph: the method is called as
    it is, and no gradient is recorded.

    Positional arguments are tensors (or None), keyword arguments are static
    and hashable.

    Raises:
        ValueError: from the method, for tensors with a length that is not
            known, as in a graph that is traced for any batch.
    """

    @functools.wraps(method)
    def call(self, *tensors, **static):
        tensors = [t if t is None else keras.ops.convert_to_tensor(t) for t in tensors]
        signature = tuple(t if t is None else (tuple(t.shape), str(t.dtype)) for t in tensors)
        for shape, _ in filter(None, signature):
            check_known(method.__name__, shape)
        if keras.backend.backend() == "torch":
            import torch

            with torch.no_grad():
                return method(self, *tensors, **static)
        key = (method, signature, tuple(sorted(static.items())))
        graphs = _graphs.setdefault(self, {})
        if key not in graphs:
            # A strong reference in the graph would keep the layer for ever.
            function = functools.partial(_call, method, weakref.ref(self), static)
            graphs[key] = _graph(self, function)
        return graphs[key](*tensors)

    return call


def check_known(name, shape):
    """Raises ValueError for shapes that a graph is traced with before they are known."""
    if not all(isinstance(length, int) for length in shape):
        raise ValueError(
            f"{name} needs to know all lengths when its graph is traced, the batch's too, "
            f"not the shape {tuple(shape)}."
        )


def compiled_function(function, shape, dtype):
    """A function of one tensor as a compiled graph.

    Args:
        function: of a tensor, and of no variables.
        shape: of the tensor; None is any length.
        dtype: of the tensor.
    """

    @functools.cache
    def graph():
        # Made by the first call: this module is imported before it is known
        # that there will be one, and TensorFlow's devices may still be set.
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            signature = [tf.TensorSpec(shape, dtype)]
            return tf.function(function, input_signature=signature, autograph=False)
        if keras.backend.backend() == "jax":
            import jax

            return jax.jit(function)
        if keras.backend.backend() == "torch":
            return function
        raise RuntimeError(_unsupported())

    return lambda tensor: graph()(tensor)


def _call(method, layer, static, *tensors):
    return method(layer(), *tensors, **static)


def _graph(layer, function):
    variables = list(layer.variables)

    def pure(values, *tensors):
        # The scope reads each variable once, here: a read inside a loop
        # would keep TensorFlow from running iterations in parallel.
        with keras.StatelessScope(state_mapping=list(zip(variables, values))):
            return function(*tensors)

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # Not under XLA, which runs small loops one after the other. A partial,
        # since TensorFlow warns of many graphs that come from one def. The
        # weights are arguments: a graph that is first traced inside another
        # would otherwise keep tensors of that one.
        graph = tf.function(functools.partial(pure), autograph=False)
        return lambda *tensors: graph([tf.convert_to_tensor(v.value) for v in variables], *tensors)
    if keras.backend.backend() == "jax":
        import jax

        jitted = jax.jit(pure)
        return lambda *tensors: jitted([v.value for v in variables], *tensors)
    raise RuntimeError(_unsupported())


def _unsupported():
    return (
        f"The {keras.backend.backend()} backend is not supported: "
        "set KERAS_BACKEND to tensorflow, jax or torch."
    )


def by_xla(function):
    """A function of tensors that runs as one XLA program wherever it is called.

    On TensorFlow calls still run side by side, one to a core. On JAX
    everything is XLA's already; on PyTorch nothing is. What is read with an index in brackets that
    comes from an argument is compiled anew for each of its values: use
    `keras.ops.take`.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(function, autograph=False, jit_compile=True)
    return function


@functools.cache
def has_accelerator():
    """Whether the backend computes on something other than the CPU."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() != "cpu"
    if keras.backend.backend() == "torch":
        return keras.ops.zeros(()).device.type != "cpu"
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


@contextlib.contextmanager
def double_precision():
    """Inside, float64 is float64; JAX would make float32 of it."""
    if keras.backend.backend() == "jax":
        import jax

        with jax.enable_x64(True):
            yield
    else:
        yield


def result_of(function, shape, dtype):
    """What a function of a tensor would return, with its shape and dtype.

    Nothing is computed, but on PyTorch: there it is called on zeros.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.eval_shape(function, jax.ShapeDtypeStruct(shape, dtype))
    if keras.backend.backend() == "torch":
        return function(keras.ops.zeros(shape, dtype))
    import tensorflow as tf

    graph = tf.function(function, autograph=False)
    return graph.get_concrete_function(tf.TensorSpec(shape, dtype)).structured_outputs


@contextlib.contextmanager
def eagerly():
    """Inside, operations on known numbers are computed at once, also while a graph is traced."""
    if keras.backend.backend() == "jax":
        import jax

        with jax.ensure_compile_time_eval():
            yield
    elif keras.backend.backend() == "torch":
        yield
    else:
        import tensorflow as tf

        with tf.init_scope():
            yield


def _in_own_precision(name):
    """As of `keras.ops`, where it makes float32 of float64 on JAX or PyTorch (Keras 3.15)."""

    def call(*tensors):
        if keras.backend.backend() == "jax":
            import jax.numpy as library
        elif keras.backend.backend() == "torch":
            import torch as library
        else:
            library = keras.ops
        return getattr(library, name)(*map(keras.ops.convert_to_tensor, tensors))

    return call


arctan2, cos, matmul, sin, tanh = map(
    _in_own_precision, ("arctan2", "cos", "matmul", "sin", "tanh")
)


def concrete(tensor):
    """The tensor as a numpy array, or None while a graph is being traced."""
    try:
        return keras.ops.convert_to_numpy(tensor)
    except (AttributeError, NotImplementedError, RuntimeError, TypeError, ValueError):
        return None


def random_bits(shape, bits, seed=None):
    """Words of independent random bits: int32 of the shape, from 0 to 2^bits - 1.

    Args:
        shape: a tuple of ints.
        bits: of a word, up to 30.
        seed: as `keras.random` takes it. It is used once.
    """
    if keras.backend.backend() != "torch":
        return keras.random.randint(shape, 0, 2**bits, seed=seed)
    import torch

    # Keras adds up both halves of a seed there (3.15): a second call with the
    # seed 0 would give the numbers of a first one with the seed 1.
    if seed is None:
        halves = keras.random.randint((2,), 0, 2**30)
    elif isinstance(seed, keras.random.SeedGenerator):
        halves = seed.next()
    else:
        halves = [seed, 0]
    halves = [int(half) % 2**32 for half in halves]
    (mixed,) = np.random.SeedSequence(halves).generate_state(1, "uint64")
    device = keras.ops.zeros(()).device
    generator = torch.Generator(device).manual_seed(int(mixed))
    return torch.randint(2**bits, shape, generator=generator, dtype=torch.int32, device=device)
