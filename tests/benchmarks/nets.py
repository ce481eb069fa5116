"""The nine networks that are raced, described once for every library."""

from typing import NamedTuple


class Net(NamedTuple):
    """A network: `layers` as (kind, settings...), input without the batch, batch of training.

    Kinds: conv (filters, kernel, padding), pool (2 x 2 maximum), flatten, dense (units,
    rectified), dropout (rate), embedding (symbols, units), lstm (units), gru (units); separable
    (filters), a shortcut beside a rectified depthwise 3 x 3, a 1 x 1 and batch normalisation;
    average (over pixels or steps); conv1d and pool1d; transformer (heads), causal, layer
    normalisation first.
    multiply_adds are those of one sample (of one step, for sequences) forward; a training step
    counts as three times that.
    """

    about: str
    layers: tuple
    shape: tuple[int, ...]
    batch: int
    classes: int
    multiply_adds: int

    @property
    def sequence(self) -> bool:
        return len(self.shape) == 1 and self.layers[0][0] == "embedding"

    @property
    def units(self) -> int:
        """Return how many units of throughput one sample makes: its steps, or 1."""
        return self.shape[0] if self.sequence else 1

    def flops(self, mode: str) -> int:
        """Return the operations of one sample or step, a multiplication and an addition each."""
        return self.multiply_adds * (6 if mode == "train" else 2)


def _block(filters):
    return ("conv", filters, 3, 1), ("conv", filters, 3, 1), ("pool",)


def _language(kind):
    return ("embedding", 80, 256), (kind, 256), ("dense", 80, False)


def _separable(filters):
    return ("conv", filters, 1, 0), ("separable", filters), ("separable", filters)


def _separable_adds(side, channels, filters):
    return side * side * (channels * filters + 2 * (9 * filters + filters * filters))


INFERENCE_BATCH = 256

NETS = {
    "A": Net(
        "LeNet-5, 1x28x28",
        (("conv", 6, 5, 0), ("pool",), ("conv", 16, 5, 0), ("pool",), ("flatten",),
         ("dense", 120, True), ("dense", 84, True), ("dense", 10, False)),
        (28, 28, 1), 128, 10,
        24 * 24 * 25 * 6 + 8 * 8 * 150 * 16 + 256 * 120 + 120 * 84 + 84 * 10,
    ),
    "B": Net(
        "two convolutions of 5x5, 1x28x28",
        (("conv", 32, 5, 2), ("pool",), ("conv", 64, 5, 2), ("pool",), ("flatten",),
         ("dense", 512, True), ("dropout", 0.5), ("dense", 10, False)),
        (28, 28, 1), 128, 10,
        28 * 28 * 25 * 32 + 14 * 14 * 800 * 64 + 3136 * 512 + 512 * 10,
    ),
    "C": Net(
        "six convolutions of 3x3, 3x32x32",
        (*_block(32), *_block(64), *_block(128), ("flatten",),
         ("dense", 256, True), ("dropout", 0.5), ("dense", 10, False)),
        (32, 32, 3), 64, 10,
        32 * 32 * (27 + 288) * 32 + 16 * 16 * (288 + 576) * 64 + 8 * 8 * (576 + 1152) * 128
        + 2048 * 256 + 256 * 10,
    ),
    "D": Net(
        "perceptron 784-512-256-10",
        (("dense", 512, True), ("dense", 256, True), ("dense", 10, False)),
        (784,), 128, 10,
        784 * 512 + 512 * 256 + 256 * 10,
    ),
    "E": Net("LSTM language model, 64 steps", _language("lstm"), (64,), 32, 80,
             256 * 1024 * 2 + 256 * 80),
    "F": Net("GRU language model, 64 steps", _language("gru"), (64,), 32, 80,
             256 * 768 * 2 + 256 * 80),
    "G": Net(
        "residual net of depthwise blocks, 3x32x32",
        (("conv", 32, 3, 1), *_separable(64), ("pool",), *_separable(128), ("pool",),
         *_separable(256), ("average",), ("dense", 10, False)),
        (32, 32, 3), 64, 10,
        32 * 32 * 27 * 32 + _separable_adds(32, 32, 64) + _separable_adds(16, 64, 128)
        + _separable_adds(8, 128, 256) + 256 * 10,
    ),
    "H": Net(
        "1-D convolutions on DNA of 101 letters",
        (("conv1d", 64, 11, 5), ("pool1d",), ("conv1d", 128, 5, 2), ("pool1d",),
         ("conv1d", 128, 3, 1), ("average",), ("dense", 64, True), ("dense", 2, False)),
        (101, 4), 128, 2,
        101 * 44 * 64 + 50 * 320 * 128 + 25 * 384 * 128 + 128 * 64 + 64 * 2,
    ),
    "I": Net(
        "causal transformer, 4 layers of width 256, 64 steps",
        (("embedding", 80, 256), *[("transformer", 4)] * 4, ("dense", 80, False)), (64,), 32, 80,
        4 * (12 * 256 * 256 + 2 * 64 * 256) + 256 * 80,
    ),
}  # fmt: skip
