"""Fully convolutional networks: a class for every pixel (Long, Shelhamer & Darrell 2015)."""

from typing import Any

from rosenblatt.layers import (
    Add,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    Module,
    Sequential,
    TransposedConvolution,
)
from rosenblatt.layers.base import Shape, expect
from rosenblatt.tape import Parameter


class FullyConvolutional(Module):
    """Stages, each of which halves the image, and scores [N, H, W, classes] of every pixel.

    A 1 x 1 convolution scores the last stage. Each of `skips` then enlarges the scores twice, and
    adds those of the stage before; what is left to the full size is one more enlargement. With five
    stages, FCN-32, FCN-16 and FCN-8 have 0, 1 and 2 skips (section 4.2 and figure 3). The scores of
    skipped stages start at zero, so that a coarse network's weights start a finer one. Enlargement
    starts bilinear; learned: and goes on from there, else it stays so.
    x [N, H, W, C], H and W multiples of 2^stages.
    """

    def __init__(
        self, stages: list[Module], classes: int, skips: int = 0, learned: bool = True
    ) -> None:
        expect(0 <= skips < len(stages), f"{len(stages)} stages cannot have {skips} skips")
        self.stages = list(stages)
        self.classes = classes
        self.skips = skips
        self.learned = learned
        self.scores = [Convolution(classes, 1) for _ in range(skips + 1)]
        self.doublings = [_enlargement(classes, 2) for _ in range(skips)]
        self.last = _enlargement(classes, 2 ** (len(stages) - skips))
        self.add = Add()

    def build(self, shape: Any, rng: Any) -> Shape:
        deepest, (H, W, _) = 2 ** len(self.stages), shape
        fits = H % deepest == W % deepest == 0
        expect(fits, f"an image of {H} x {W} cannot be halved {len(self.stages)} times")
        shapes = []
        for stage in self.stages:
            shape = stage.build(shape, rng)
            shapes.append(shape)
        shape = self.scores[0].build(shapes.pop(), rng)
        for score, doubling in zip(self.scores[1:], self.doublings, strict=True):
            enlarged = self._build(doubling, shape, rng)
            shape = self.add.build((enlarged, score.build(shapes.pop(), None)), rng)
        return self._build(self.last, shape, rng)

    def _build(self, layer: TransposedConvolution, shape: Shape, rng: Any) -> Shape:
        shape = layer.build(shape, rng)
        for parameter in vars(layer).values():
            if isinstance(parameter, Parameter):
                parameter.trained = self.learned
        return shape

    def __call__(self, x: Any) -> Any:
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        scores = self.scores[0](found.pop())
        for score, doubling in zip(self.scores[1:], self.doublings, strict=True):
            scores = self.add(doubling(scores), score(found.pop()))
        return self.last(scores)


def _enlargement(classes: int, factor: int) -> TransposedConvolution:
    return TransposedConvolution(
        classes, 2 * factor, stride=factor, padding=factor // 2, initialiser="bilinear"
    )


def refine(fine: FullyConvolutional, coarse: FullyConvolutional) -> None:
    """Give a built network the weights of one with fewer skips, where it has the same layers.

    The last enlargement stays bilinear: its factor is another (section 4.2: coarse to fine).
    """
    fresh = fine.state()
    known = {name: a for name, a in coarse.state().items() if not name.startswith("last.")}
    fine.load_state({**fresh, **known})


def as_convolutions(network: Sequential, shape: Shape) -> Sequential:
    """Return a built patch classifier as a network for images of any size: a score at each place.

    shape (H, W, C) is the patch's. The first dense layer, which sees all H' x W' pixels that the
    layers before leave of a patch, becomes a convolution with kernels of H' x W' (these must be
    equal); each further one a 1 x 1 convolution (section 3.1). Both networks share their weights;
    where no layer pads, the scores of an image are those of its patches, at the strides of the
    layers. Dropout is left out. Raises ValueError for a network of another form.
    """
    layers: list[Module] = []
    flat = False
    for layer in network.layers:
        if isinstance(layer, Flatten):
            expect(shape[0] == shape[1], f"a kernel cannot be {shape[0]} x {shape[1]}; be square")
            flat = True
        elif isinstance(layer, Dense):
            expect(flat, "a dense layer before Flatten has no place in an image")
            kernel = (shape[0], shape[1]) if len(shape) == 3 else (1, 1)
            layers.append(_as_convolution(layer, kernel[0]))
            shape = (layer.units,)
        elif not isinstance(layer, Dropout):
            layers.append(layer)
            shape = shape if flat else layer.build(shape, None)
    return Sequential(layers)


def _as_convolution(dense: Dense, side: int) -> Convolution:
    D, units = dense.weight.value.shape
    convolution = Convolution(units, side, activation=dense.activation)
    shared = dense.weight.value.reshape(side, side, D // side**2, units)
    convolution.weight = Parameter(shared, "weight")
    convolution.bias = dense.bias
    return convolution
