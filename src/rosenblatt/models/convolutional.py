"""The plain convolutional network: blocks of convolutions and a pooling, then dense layers."""

from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    MaxPooling,
    Module,
    ReLU,
)
from rosenblatt.layers.base import SIZE
from rosenblatt.ranges import Each, Whole, check_value

Blocks = tuple[tuple[int, ...], ...]
BLOCKS = Each(Each(SIZE, 1, 1000), 1, 100)


def convolutional(
    blocks: Blocks,
    classes: int,
    *,
    kernel_size: int = 3,
    dense: int = 128,
    dropout: float = 0.5,
    batch_normalisation: bool = False,
    global_pooling: bool = False,
) -> list[Module]:
    """Return the layers from images [N, H, W, C] to logits [N, classes].

    Each block is its convolutions (padded to keep the size, rectified) and a 2 x 2 maximum; a
    hidden dense layer with dropout follows where dense > 0. LeCun et al. 1998, section II, in the
    form of Simonyan & Zisserman 2015; with batch_normalisation, Ioffe & Szegedy 2015 between each
    convolution and its rectifier. global_pooling: the dense layers see each channel's mean over the
    image, in place of the last maximum and all pixels (Lin et al. 2014, section 3.2). Raises
    UserError where a size is out of range.
    """
    check_value("blocks", blocks, BLOCKS)
    layers: list[Module] = []
    for block in blocks:
        for filters in block:
            if batch_normalisation:
                layers += [*normalised(filters, kernel_size), ReLU()]
            else:
                layers.append(Convolution(filters, kernel_size, padding="same", activation="relu"))
        layers.append(MaxPooling(2))
    if global_pooling:
        layers[-1] = GlobalAverage()
    else:
        layers.append(Flatten())
    return layers + head(classes, dense, dropout)


def normalised(filters: int, kernel_size: int) -> list[Module]:
    """Return a convolution that keeps the image's size, and batch normalisation."""
    return [Convolution(filters, kernel_size, padding="same"), BatchNormalisation()]


def head(classes: int, dense: int, dropout: float) -> list[Module]:
    """Return the layers from features [N, D] to logits, with a hidden one where dense > 0."""
    check_value("dense", dense, Whole(0, SIZE.high))
    hidden = [Dropout(dropout), Dense(dense, activation="relu")] if dense else []
    return [*hidden, Dropout(dropout), Dense(classes)]
