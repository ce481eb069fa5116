"""JAX as a contender: one compiled function a step, its buffers given away."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from tests.benchmarks.nets import INFERENCE_BATCH, Net, find, samples

KINDS = {"conv", "pool", "flatten", "dense", "dropout", "embedding", "lstm", "gru"}


def _lstm(parameters, x):
    w, u, b = parameters

    def step(state, a):
        h, c = state
        i, f, o, g = jnp.split(a + h @ u, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    zeros = jnp.zeros((x.shape[0], u.shape[0]))
    return jax.lax.scan(step, (zeros, zeros), jnp.swapaxes(x @ w + b, 0, 1))[1].swapaxes(0, 1)


def _gru(parameters, x):
    w, u, b = parameters
    units = u.shape[0]

    def step(h, a):
        r, z = jnp.split(jax.nn.sigmoid(a[:, : 2 * units] + h @ u[:, : 2 * units]), 2, axis=-1)
        candidate = jnp.tanh(a[:, 2 * units :] + (r * h) @ u[:, 2 * units :])
        h = z * h + (1 - z) * candidate
        return h, h

    zeros = jnp.zeros((x.shape[0], units))
    return jax.lax.scan(step, zeros, jnp.swapaxes(x @ w + b, 0, 1))[1].swapaxes(0, 1)


def _parameters(net: Net) -> list:
    """Return the arrays of each layer."""
    rng = np.random.default_rng(0)

    def weights(*shape):
        scale = np.sqrt(2 / np.prod(shape[:-1]))
        return jnp.asarray(rng.standard_normal(shape) * scale, jnp.float32)

    *sides, channels = net.shape
    result: list[tuple] = []
    for kind, *settings in net.layers:
        arrays: tuple = ()
        if kind == "conv":
            filters, size, padding = settings
            arrays = weights(size, size, channels, filters), jnp.zeros(filters)
            channels, sides = filters, [side + 2 * padding - size + 1 for side in sides]
        elif kind == "pool":
            sides = [side // 2 for side in sides]
        elif kind == "flatten":
            channels *= sides[0] * sides[1]
        elif kind == "dense":
            arrays = weights(channels, settings[0]), jnp.zeros(settings[0])
            channels = settings[0]
        elif kind == "embedding":
            arrays = (weights(*settings),)
            channels = settings[1]
        elif kind in ("lstm", "gru"):
            gates, units = (4 if kind == "lstm" else 3), settings[0]
            arrays = (
                weights(channels, gates * units), weights(units, gates * units),
                jnp.zeros(gates * units),
            )  # fmt: skip
            channels = units
        result.append(arrays)
    return result


def _forward(net: Net, parameters, x, key):
    """Return the logits; without a key there is no dropout."""
    for (kind, *settings), arrays in zip(net.layers, parameters, strict=True):
        if kind == "conv":
            border = [(settings[2],) * 2] * 2
            layout = ("NHWC", "HWIO", "NHWC")
            x = jax.lax.conv_general_dilated(x, arrays[0], (1, 1), border, dimension_numbers=layout)
            x = jax.nn.relu(x + arrays[1])
        elif kind == "pool":
            window = (1, 2, 2, 1)
            x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
        elif kind == "flatten":
            x = x.reshape(len(x), -1)
        elif kind == "dense":
            x = x @ arrays[0] + arrays[1]
            x = jax.nn.relu(x) if settings[1] else x
        elif kind == "dropout" and key is not None:
            kept = jax.random.bernoulli(key, 1 - settings[0], x.shape)
            x = jnp.where(kept, x / (1 - settings[0]), 0)
        elif kind == "embedding":
            x = arrays[0][x]
        elif kind in ("lstm", "gru"):
            x = (_lstm if kind == "lstm" else _gru)(arrays, x)
    return x


def build(subject: str, mode: str, variant: str, threads: int) -> Callable[[], object]:
    net = find(subject)
    if {kind for kind, *_ in net.layers} - KINDS:
        raise ValueError("this net is not written for JAX")
    x, labels = map(jnp.asarray, samples(net, INFERENCE_BATCH if mode == "infer" else net.batch))
    parameters = _parameters(net)
    if mode == "infer":
        forward = jax.jit(lambda parameters, x: _forward(net, parameters, x, None))
        return lambda: forward(parameters, x).block_until_ready()

    def loss(parameters, key):
        logits = jax.nn.log_softmax(_forward(net, parameters, x, key))
        return -jnp.take_along_axis(logits, labels[..., None], -1).mean()

    @partial(jax.jit, donate_argnums=(0, 1))
    def step(parameters, velocity, key):
        key, drawn = jax.random.split(key)
        value, gradient = jax.value_and_grad(loss)(parameters, drawn)
        velocity = jax.tree.map(lambda v, g: 0.9 * v - 0.01 * g, velocity, gradient)
        return value, jax.tree.map(jnp.add, parameters, velocity), velocity, key

    state = [parameters, jax.tree.map(jnp.zeros_like, parameters), jax.random.key(0)]

    def run():
        value, *state[:] = step(*state)
        return float(value)

    return run
