"""The nine networks that are raced, described once for every library."""

import math
from typing import NamedTuple

import numpy as np


class Net(NamedTuple):
    """A network: `layers` as (kind, settings...), input without the batch, batch of training.

    Kinds: conv (filters, kernel, padding), pool (2 x 2 maximum), flatten, dense (units,
    rectified), dropout (rate), embedding (symbols, units), lstm (units), gru (units); separable
    (filters), a shortcut beside a rectified depthwise 3 x 3, a 1 x 1 and batch normalisation;
    average (over pixels or steps); conv1d and pool1d; transformer (width, heads), causal, layer
    normalisation first.
    """

    about: str
    layers: tuple
    shape: tuple[int, ...]
    batch: int
    classes: int

    @property
    def sequence(self) -> bool:
        return len(self.shape) == 1 and self.layers[0][0] == "embedding"

    @property
    def units(self) -> int:
        """Return how many units of throughput one sample makes: its steps, or 1."""
        return self.shape[0] if self.sequence else 1

    @property
    def side(self) -> int:
        """Return the side of an image, also of a flat one, or the steps of a sequence."""
        flat = len(self.shape) == 1 and not self.sequence
        return math.isqrt(self.shape[0]) if flat else self.shape[0]

    def with_batch(self, batch: str) -> "Net":
        """Return the net with a batch of so many samples."""
        return self._replace(batch=int(batch))

    def with_side(self, side: str) -> "Net":
        """Return the net for images of such a side, or for sequences of so many steps."""
        n = int(side)
        shapes = {3: (n, n, *self.shape[2:]), 2: (n, *self.shape[1:]), 1: (n * n,)}
        return self._replace(shape=(n,) if self.sequence else shapes[len(self.shape)])

    def with_width(self, factor: str) -> "Net":
        """Return the net with so many times the filters and units in all layers but the last."""

        def scaled(kind, *settings):
            place = WIDTHS.get(kind)
            return (kind, *(int(value * float(factor)) if n == place else value
                            for n, value in enumerate(settings)))  # fmt: skip

        layers = [scaled(*layer) for layer in self.layers[:-1]]
        return self._replace(layers=(*layers, self.layers[-1]))


# Which of a layer's settings is its width.
WIDTHS = {"conv": 0, "conv1d": 0, "dense": 0, "separable": 0, "lstm": 0, "gru": 0,
          "transformer": 0, "embedding": 1}  # fmt: skip


def find(subject: str) -> Net:
    """Return the net of a subject: a letter, and what differs, as in "C batch=16 width=0.5"."""
    name, *changes = subject.split()
    net = NETS[name]
    for change in changes:
        key, _, value = change.partition("=")
        net = getattr(net, f"with_{key}")(value)
    return net


def samples(net: Net, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels of the net; every contender draws the same."""
    rng = np.random.default_rng(0)
    if net.sequence:
        symbols = rng.integers(0, net.classes, (count, net.shape[0] + 1))
        return symbols[:, :-1].copy(), symbols[:, 1:].copy()
    return rng.random((count, *net.shape), np.float32), rng.integers(0, net.classes, count)


def _block(filters):
    return ("conv", filters, 3, 1), ("conv", filters, 3, 1), ("pool",)


def _language(kind):
    return ("embedding", 80, 256), (kind, 256), ("dense", 80, False)


def _separable(filters):
    return ("conv", filters, 1, 0), ("separable", filters), ("separable", filters)


INFERENCE_BATCH = 256

NETS = {
    "A": Net(
        "LeNet-5, 1x28x28",
        (("conv", 6, 5, 0), ("pool",), ("conv", 16, 5, 0), ("pool",), ("flatten",),
         ("dense", 120, True), ("dense", 84, True), ("dense", 10, False)),
        (28, 28, 1), 128, 10,
    ),
    "B": Net(
        "two convolutions of 5x5, 1x28x28",
        (("conv", 32, 5, 2), ("pool",), ("conv", 64, 5, 2), ("pool",), ("flatten",),
         ("dense", 512, True), ("dropout", 0.5), ("dense", 10, False)),
        (28, 28, 1), 128, 10,
    ),
    "C": Net(
        "six convolutions of 3x3, 3x32x32",
        (*_block(32), *_block(64), *_block(128), ("flatten",),
         ("dense", 256, True), ("dropout", 0.5), ("dense", 10, False)),
        (32, 32, 3), 64, 10,
    ),
    "D": Net(
        "perceptron 784-512-256-10",
        (("dense", 512, True), ("dense", 256, True), ("dense", 10, False)),
        (784,), 128, 10,
    ),
    "E": Net("LSTM language model, 64 steps", _language("lstm"), (64,), 32, 80),
    "F": Net("GRU language model, 64 steps", _language("gru"), (64,), 32, 80),
    "G": Net(
        "residual net of depthwise blocks, 3x32x32",
        (("conv", 32, 3, 1), *_separable(64), ("pool",), *_separable(128), ("pool",),
         *_separable(256), ("average",), ("dense", 10, False)),
        (32, 32, 3), 64, 10,
    ),
    "H": Net(
        "1-D convolutions on DNA of 101 letters",
        (("conv1d", 64, 11, 5), ("pool1d",), ("conv1d", 128, 5, 2), ("pool1d",),
         ("conv1d", 128, 3, 1), ("average",), ("dense", 64, True), ("dense", 2, False)),
        (101, 4), 128, 2,
    ),
    "I": Net(
        "causal transformer, 4 layers of width 256, 64 steps",
        (("embedding", 80, 256), *[("transformer", 256, 4)] * 4, ("dense", 80, False)),
        (64,), 32, 80,
    ),
}  # fmt: skip
