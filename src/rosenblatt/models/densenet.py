"""The densely joined network: each layer sees the channels of all before it in its block."""

from rosenblatt.layers import (
    AveragePooling,
    BatchNormalisation,
    Concat,
    Convolution,
    GlobalAverage,
    Module,
    ReLU,
)
from rosenblatt.models.convolutional import BLOCKS, Blocks, head
from rosenblatt.ranges import check_value


def densenet(
    blocks: Blocks, classes: int, *, kernel_size: int = 3, dense: int = 0, dropout: float = 0.0
) -> list[Module]:
    """Return the layers from images [N, H, W, C] to logits [N, classes].

    Each number of a block is a layer that adds so many channels, its growth, to what it was given;
    the first convolution has twice the first growth. Between the blocks a 1 x 1 convolution halves
    the channels and a 2 x 2 mean the image, after the last comes the mean over it. Huang et al.
    2017, "Densely connected convolutional networks", section 3, with compression 0.5.
    """
    check_value("blocks", blocks, BLOCKS)
    width = 2 * blocks[0][0]
    layers: list[Module] = [Convolution(width, kernel_size, padding="same")]
    for place, block in enumerate(blocks):
        if place:
            width //= 2
            layers += [*_preactivated(width, 1), AveragePooling(2)]
        for growth in block:
            layers.append(Concat([[], _preactivated(growth, kernel_size)]))
            width += growth
    layers += [BatchNormalisation(), ReLU(), GlobalAverage()]
    return layers + head(classes, dense, dropout)


def _preactivated(filters: int, kernel_size: int) -> list[Module]:
    return [BatchNormalisation(), ReLU(), Convolution(filters, kernel_size, padding="same")]
