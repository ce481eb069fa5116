"""What work is counted as: the operations of the textbook, and those that are executed.

An operation is a multiplication or an addition. The textbook's training step is three times the
forward pass. Executed are the products alone, each as often as its method does it: by Winograd 36
of each tile, channel and filter, also of tiles that reach beyond the image; below a maximum one a
window for a gradient; none for the gradient of the network's input. What Winograd's transforms
and a register tile's idle lanes cost is left out, so a share of the peak by it is a lower bound of
how busy the processor was.
"""

from typing import NamedTuple

import numpy as np

from rosenblatt.kernels.convolution import pooled, winograd
from rosenblatt.kernels.convolution.cook_toom import TILE
from rosenblatt.kernels.convolution.dispatch import (
    PLAIN,
    POOLED_INPUT_GRADIENT,
    POOLED_WEIGHT_GRADIENT,
    method,
)
from rosenblatt.kernels.convolution.geometry import Geometry, geometry
from rosenblatt.layers import Convolution
from rosenblatt.tape import Tape
from tests.benchmarks import ours
from tests.benchmarks.nets import Net, samples


class Work(NamedTuple):
    """Operations: of the textbook, and executed."""

    textbook: float
    executed: float


GRADIENTS = {
    "weights": (POOLED_WEIGHT_GRADIENT, pooled.weight_gradient),
    "input": (POOLED_INPUT_GRADIENT, pooled.input_gradient),
}


def of_convolution(g: Geometry, N: int, size: int, mode: str) -> Work:
    """Return the work of N samples, below a maximum of `size` x `size` where that is more than 1.

    mode: forward, weights or input, as of single layers.
    """
    products = g.KH * g.KW * (g.C // g.groups) * g.F
    whole = 2.0 * N * np.prod(g.output) * products
    if size > 1 and mode in GRADIENTS:
        methods, sparse = GRADIENTS[mode]
        if method(methods, g, N, size) is sparse:
            return Work(whole, 2.0 * N * np.prod([side // size for side in g.output]) * products)
    if method(PLAIN, g, N) is winograd:
        step = TILE + 1 - g.KH
        sides = (g.H, g.W) if mode == "input" else g.output
        tiles = N * np.prod([-(-side // step) for side in sides])
        return Work(whole, 2.0 * tiles * winograd.POINTS * g.C * g.F)
    return Work(whole, whole)


def of_single(subject: str, mode: str) -> Work:
    """Return the work of a single product or layer, its subject as in `single`."""
    kind, shape, rest = subject.split()
    sides = [int(side) for side in shape.split("x")]
    if kind == "gemm":
        return Work(*[2.0 * np.prod(sides)] * 2)
    (N, H, C), (K, F) = sides, [int(number) for number in rest.split("x")]
    padding, size = (0, 2) if kind == "pooled" else (K // 2, 1)
    return of_convolution(geometry((N, H, H, C), (K, K, C, F), 1, padding), N, size, mode)


def of_net(net: Net, mode: str, batch: int) -> Work:
    """Return the work of one sample of a net: a training step's share, or the forward pass."""
    with Tape(train=False) as tape:
        ours.network(net)(samples(net, 1)[0])
    textbook, executed = 0.0, 0.0
    for layer, _, inputs, _ in tape.nodes:
        shapes = tuple(None if x.value is None else x.value.shape[1:] for x in inputs)
        whole = 2.0 * layer.multiply_adds(shapes[0] if len(shapes) == 1 else shapes)
        textbook += whole * (3 if mode == "train" else 1)
        passes = ["forward"]
        if mode == "train":
            passes += ["weights"] + ["input"] * any(x.needs_gradient for x in inputs)
        if isinstance(layer, Convolution):
            weight = layer.weight.value.shape
            settings = layer.stride, layer.padding, layer.dilation, layer.groups
            g, size = geometry((1, *shapes[0]), weight, *settings), layer.pooling or 1
            done = [of_convolution(g, batch, size, one).executed / batch for one in passes]
            executed += sum(done)
        else:
            executed += whole * len(passes)
    return Work(textbook, executed)
