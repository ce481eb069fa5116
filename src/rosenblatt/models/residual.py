"""The residual network: blocks whose shortcuts let the gradient pass."""

from rosenblatt.layers import GlobalAverage, MaxPooling, Module, ReLU, Residual
from rosenblatt.models.convolutional import BLOCKS, Blocks, head, normalised
from rosenblatt.ranges import check_value


def residual(
    blocks: Blocks, classes: int, *, kernel_size: int = 3, dense: int = 0, dropout: float = 0.0
) -> list[Module]:
    """Return the layers from images [N, H, W, C] to logits [N, classes].

    The first convolution has the filters of the first unit; then each number is a residual unit of
    two convolutions. Between the blocks a 2 x 2 maximum halves the image, after the last comes the
    mean over it. He et al. 2016, "Deep residual learning", figures 2 and 3; a shortcut between
    unequal widths is a 1 x 1 convolution (option B). Strides are 1, where theirs are 2, so that the
    maximum is over what a unit has worked on.
    """
    check_value("blocks", blocks, BLOCKS)
    width = blocks[0][0]
    layers: list[Module] = [*normalised(width, kernel_size), ReLU()]
    for place, block in enumerate(blocks):
        if place:
            layers.append(MaxPooling(2))
        for filters in block:
            branch = [
                *normalised(filters, kernel_size),
                ReLU(),
                *normalised(filters, kernel_size),
            ]
            shortcut = normalised(filters, 1) if filters != width else []
            layers += [Residual(branch, shortcut), ReLU()]
            width = filters
    return [*layers, GlobalAverage(), *head(classes, dense, dropout)]
