"""The fully convolutional network: a class for every pixel, from coarse to fine."""

from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.layers import (
    Add,
    BatchNormalisation,
    Convolution,
    MaxPooling,
    Module,
    ReLU,
    Sequential,
    TransposedConvolution,
)
from rosenblatt.layers.base import SIZE, Settings
from rosenblatt.layers.inputs import check_shape, expect
from rosenblatt.ranges import FLAG, Choice, Each, check_settings, check_value
from rosenblatt.train.losses import as_class_numbers

BLOCKS = 5  # of convolutions, a 2 x 2 maximum after each: 32 pixels for one


class FullyConvolutional(Module):
    """Images [N, H, W, C] to logits [N, H, W, classes]; H and W are multiples of 32.

    Five blocks of two convolutions halve the image each; a 1 x 1 convolution scores the last map,
    once in 32 pixels. stride 32: the scores are enlarged 32 times. 16: twice, scores of the fourth
    block are added, and the sum is enlarged 16 times. 8: once more, with the third block's (Long,
    Shelhamer & Darrell 2015, figure 3). learned: the enlarging weights start as bilinear
    interpolation, and learn; otherwise they stay it. widths: filters of the five blocks.
    """

    settings: ClassVar[Settings] = {
        "classes": SIZE,
        "widths": Each(SIZE, BLOCKS, BLOCKS),
        "stride": Choice((8, 16, 32)),
        "learned": FLAG,
    }

    def __init__(
        self, classes: int, widths: list[int], stride: int = 8, learned: bool = True
    ) -> None:
        self.classes, self.widths = classes, widths
        self.stride, self.learned = stride, learned
        check_settings(self)
        self.widths = list(widths)
        self.blocks = [_block(width) for width in widths]
        self.scores = {"32": Convolution(classes, 1)}
        self.enlarge: dict[str, TransposedConvolution] = {}
        for step in (16, 8):
            if stride <= step:
                self.scores[str(step)] = Convolution(classes, 1)
                self.enlarge[str(step)] = _enlarging(classes, 2)
        self.last = _enlarging(classes, stride)
        self.add = Add()

    def build(self, shape: Any, rng: Any) -> tuple[int, ...]:
        check_shape(shape)
        expect(
            len(shape) == 3, f"a fully convolutional network takes images (H, W, C), not {shape}"
        )
        H, W, _ = shape
        expect(H % 32 == 0 and W % 32 == 0, f"the sides are multiples of 32, not {H} x {W}")
        maps = []
        for block in self.blocks:
            shape = block.build(shape, rng)
            maps.append(shape)
        shape = self.scores["32"].build(maps[-1], rng)
        for number, step in enumerate(("16", "8"), 2):
            if step in self.enlarge:
                fresh = not hasattr(self.scores[step], "weight")
                side = self.scores[step].build(maps[-number], rng)
                if fresh:  # so that the finer network begins as the coarser one
                    self.scores[step].weight.value[...] = 0
                shape = self.add.build((self.enlarge[step].build(shape, rng), side), rng)
        shape = self.last.build(shape, rng)
        if not self.learned:
            for layer in (*self.enlarge.values(), self.last):
                layer.weight.trained = layer.bias.trained = False
        return shape

    def __call__(self, x: Any) -> Any:
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        scores = self.scores["32"](x)
        for number, step in enumerate(("16", "8"), 2):
            if step in self.enlarge:
                scores = self.add(self.enlarge[step](scores), self.scores[step](maps[-number]))
        return self.last(scores)

    def begin_from(self, coarser: "FullyConvolutional") -> None:
        """Take over all weights of a trained network of a larger stride but its last enlarging."""
        state = coarser.state()
        for name, parameter in self.stored().items():
            if name in state and not name.startswith("last."):
                parameter.value[...] = state[name]


def _block(width: int) -> Sequential:
    layers: list[Module] = []
    for _ in range(2):
        layers += [Convolution(width, 3, padding="same"), BatchNormalisation(), ReLU()]
    return Sequential([*layers, MaxPooling(2)])


def _enlarging(classes: int, factor: int) -> TransposedConvolution:
    return TransposedConvolution(classes, 2 * factor, factor, factor // 2, "bilinear")


def intersection_over_union(
    predicted: np.ndarray, truth: np.ndarray, classes: int, *, ignored: int | None = None
) -> list[float | None]:
    """Return for each class the pixels rightly given to it, as a share of those given or true.

    predicted and truth are class numbers of one shape; pixels whose truth is `ignored` do not
    count. None for a class that is in neither (Everingham et al. 2010, section 4.3). Raises
    UserError where they are no class numbers, or of two shapes.
    """
    check_value("classes", classes, SIZE)
    predicted, truth = as_numbers(predicted, "predicted"), as_numbers(truth, "truth")
    expect(
        predicted.shape == truth.shape,
        f"predicted has the shape {predicted.shape}, the truth {truth.shape}",
    )
    predicted = as_class_numbers(predicted, classes)
    truth = as_class_numbers(truth, classes, ignored)
    known = truth >= 0
    result: list[float | None] = []
    for label in range(classes):
        given, true = (predicted == label) & known, (truth == label) & known
        union = int((given | true).sum())
        result.append(int((given & true).sum()) / union if union else None)
    return result
