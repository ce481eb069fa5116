"""Gradients against central differences, in float64: how layers and exercises are proven."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rosenblatt.layers.base import Layer
from rosenblatt.tape import Arena, Tape, Variable

STEP, ABSOLUTE, RELATIVE = 1e-6, 1e-5, 1e-3  # the tolerances of PyTorch's gradcheck
ROWS = 3  # of an example


def numeric_gradient(function: Callable[[], float], array: np.ndarray) -> np.ndarray:
    """Return d function / d array [...] float64 by central differences, changing it in place."""
    assert array.dtype == np.float64
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + STEP
        above = function()
        array[index] = value - STEP
        below = function()
        array[index] = value
        gradient[index] = (above - below) / (2 * STEP)
    return gradient


def shapes_of(shape: tuple) -> tuple:
    """Return the shapes of all inputs: an example gives one shape, or a tuple of several."""
    return shape if isinstance(shape[0], tuple) else (shape,)


def example(
    cls: type[Layer], settings: dict[str, Any], shape: tuple, dtype: Any = np.float64
) -> tuple[Layer, list[np.ndarray]]:
    """Return a built layer, every parameter moved off its start, and its inputs [3, ...]."""
    rng = np.random.default_rng(1)
    layer = cls(**settings)
    layer.build(shape, rng)
    layer.cast(dtype)
    for parameter in layer.stored().values():
        parameter.value += (0.1 + 0.2 * rng.random(parameter.value.shape)).astype(dtype)
    return layer, [(2 * rng.random((ROWS, *s)) - 1).astype(dtype) for s in shapes_of(shape)]


def run_both_ways(
    layer: Layer,
    inputs: Sequence[np.ndarray],
    weights: np.ndarray | None = None,
    *,
    train: bool = True,
    arena: Arena | None = None,
) -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Run forward, and backward from sum(weights * output).

    Returns the output, the gradients of all inputs and then of all parameters, and the weights
    [of the output], which are drawn where none are given.
    """
    for parameter in layer.stored().values():
        parameter.gradient = None
    with Tape(train=train, arena=arena, step=5, seed=7) as tape:
        variables = [Variable(x, needs_gradient=True) for x in inputs]
        output = layer(*variables)
        if weights is None:
            weights = np.random.default_rng(2).random(output.value.shape).astype(inputs[0].dtype)
        tape.backward(output, weights)
        found = [variable.gradient for variable in variables]
        found += [parameter.gradient for parameter in layer.parameters().values()]
        gradients = [gradient.copy() for gradient in found if gradient is not None]
        return output.value.copy(), gradients, weights
