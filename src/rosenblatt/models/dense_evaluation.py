"""A classifier of patches read as a convolution: the scores of all patches of an image at once."""

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.errors import UserError
from rosenblatt.layers import (
    AveragePooling,
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    Module,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
)
from rosenblatt.layers.base import SIZE
from rosenblatt.layers.compose import listed
from rosenblatt.layers.inputs import check_shape, expect
from rosenblatt.ranges import check_value

LOCAL = MaxPooling | AveragePooling | BatchNormalisation | ReLU | Tanh | Sigmoid | Dropout


def as_convolutions(layers: list[Module], shape: tuple[int, int, int]) -> Sequential:
    """Return the same network for images of any size from that of `shape`.

    layers classify patches of `shape` (H, W, C): convolutions without padding, pooling, batch
    normalisation (which then uses its running statistics), activations, Flatten, dense layers. A
    dense layer becomes a convolution with the same weights, its window the whole map that it sees,
    then 1 x 1: the output [N, H', W', classes] holds the scores of the patches at every place, as
    far apart as the strides of all layers together (Long et al. 2015, section 3.1; Sermanet et al.
    2014, figure 5). Raises UserError where a layer does not allow it.
    """
    check_shape((shape,))
    expect(len(shape) == 3, f"patches have the shape (H, W, C), not {shape}")
    result: list[Module] = []
    sides: tuple[int, ...] = shape
    for layer in listed(layers):
        if isinstance(layer, Dense):
            result.append(_convolution(layer, sides))
            sides = (1, 1, layer.units)
        elif isinstance(layer, Flatten):
            continue
        else:
            _check(layer)
            result.append(layer)
            sides = layer.build(sides, None)
    return Sequential(result)


def _check(layer: Module) -> None:
    if isinstance(layer, Convolution):
        if any(map(any, (axis.padding for axis in layer.axes))):
            raise UserError("padding puts zeros around each patch, which the image has not.")
    elif not isinstance(layer, LOCAL):
        raise UserError(f"a {type(layer).__name__} cannot be read as a convolution.")


def _convolution(dense: Dense, sides: tuple[int, ...]) -> Convolution:
    """Return a dense layer on a map of `sides` (H, W, C) as a convolution with its weights."""
    H, W, C = sides
    if H != W:
        raise UserError(f"a convolution's window is square, the dense layer sees {H} x {W}.")
    if not hasattr(dense, "weight"):
        raise UserError("a dense layer has no weights yet: build the layers first.")
    convolution = Convolution(dense.units, H, activation=dense.activation)
    convolution.build(sides, None)
    convolution.weight.value = dense.weight.value.reshape(H, W, C, dense.units)
    convolution.bias.value = dense.bias.value
    return convolution


def patches(image: np.ndarray, side: int, stride: int) -> np.ndarray:
    """Return the square patches of image [H, W, C], [rows, columns, side, side, C], as a view.

    Raises UserError where they do not fit.
    """
    check_value("side", side, SIZE)
    check_value("stride", stride, SIZE)
    image = as_numbers(image, "image")
    expect(
        image.ndim == 3 and min(image.shape[:2]) >= side,
        f"patches of {side} x {side} do not fit into an image of shape {image.shape}",
    )
    views = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(0, 1))
    return np.moveaxis(views[::stride, ::stride], 2, -1)
