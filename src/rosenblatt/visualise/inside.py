"""Look at a network while it runs: every layer's output, with its weights held still."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from rosenblatt.arrays import as_numbers, check_images, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.layers import Module
from rosenblatt.ranges import Each, Kind, Whole, check_value
from rosenblatt.tape import Node, Tape, Variable

NETWORK = Kind(Module, "a network")


class Unit(NamedTuple):
    """A unit of a network: which layer, in the order in which they run, and which channel."""

    layer: int
    channel: int


UNIT = Kind(Unit, "a Unit")


@contextmanager
def still(network: Module) -> Iterator[None]:
    """Hold all weights still: backward within asks for the inputs' gradients alone."""
    trained = list(network.parameters().values())
    for parameter in trained:
        parameter.trained = False
    try:
        yield
    finally:
        for parameter in trained:
            parameter.trained = True


@contextmanager
def recorded(network: Module, images: np.ndarray) -> Iterator[tuple[Tape, Variable]]:
    """Yield the tape of a run on images [N, ...], as at inference, and the images' Variable.

    Raises UserError as check_numbers.
    """
    check_value("network", network, NETWORK)
    images = as_numbers(images, "images")
    axes = " ".join("NHWCDEFG"[: max(1, images.ndim)])
    x = Variable(check_numbers(images, axes, "images"), needs_gradient=True)
    with still(network), Tape(train=False) as tape:
        network(x)
        yield tape, x


def node(tape: Tape, layer: int) -> Node:
    """Return the run of the layer of that number. Raises UserError where there is none."""
    check_value("layer", layer, Whole(-(2**31), 2**31))
    if not -len(tape.nodes) <= layer < len(tape.nodes):
        raise UserError(f"there is no layer {layer}: the network runs {len(tape.nodes)}.")
    return tape.nodes[layer]


def responses(network: Module, images: np.ndarray, layer: int, batch: int = 256) -> np.ndarray:
    """Return a layer's outputs for images [N, H, W, C], computed in batches.

    Raises UserError as recorded and node.
    """
    check_value("batch", batch, Whole(1, 1_000_000))
    images = check_images(images)
    parts = []
    for first in range(0, len(images), batch):
        with recorded(network, images[first : first + batch]) as (tape, _):
            parts.append(node(tape, layer).output.value.copy())
    return np.concatenate(parts)


def layer_numbers(network: Module, shape: tuple[int, ...], kind: type) -> list[int]:
    """Return the numbers of all layers of a type, for images of `shape` (H, W, C).

    Raises UserError where the shape is none, or the kind no type.
    """
    check_value("kind", kind, Kind(type, "a type of layers"))
    with recorded(network, blank(shape)) as (tape, _):
        return [n for n, run in enumerate(tape.nodes) if isinstance(run.layer, kind)]


def blank(shape: tuple[int, ...]) -> np.ndarray:
    """Return one black image of `shape` (H, W, C). Raises UserError where that is none."""
    check_value("shape", shape, Each(Whole(1, 1_000_000), 1, 4))
    return np.zeros((1, *shape), np.float32)


def check_unit(unit: Unit, channels: int) -> None:
    """Raise UserError where a unit's channel is not among so many."""
    check_value("unit", unit, UNIT)
    check_value("channel", unit.channel, Whole(0, channels - 1))


def first_filters(network: Module) -> np.ndarray:
    """Return the weights of the first layer that has filters [K, K, C, F] as [F, K, K, C]."""
    for parameter in network.parameters().values():
        if parameter.value.ndim == 4:
            return np.moveaxis(parameter.value, -1, 0).copy()
    raise UserError("the network has no convolution.")


def is_rectified(layer: object) -> bool:
    """Return whether a rectifier is fused into the layer."""
    return getattr(layer, "activation", None) == "relu"
