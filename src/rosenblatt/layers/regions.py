"""Region pooling: any window of a feature map described by as many numbers as any other."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from rosenblatt.kernels.neural.region_pooling import pool_regions, pool_regions_gradient
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import as_input, expect
from rosenblatt.ranges import Each, Whole, check_settings
from rosenblatt.tape import empty

LEVELS = Each(Whole(1, 64), 1, 16)


class RegionPooling(Layer):
    """y [N, R, cells C]: the largest numbers of x [N, H, W, C] in the cells of each region.

    regions [N, R, 4] are (top, left, bottom, right) in fractions of the map's height and width, so
    they fit any scale of the image; kernels/neural/region_pooling.py cuts them. levels (n, ...)
    divides a region in n x n cells, for each n: one level is the layer of Girshick 2015, section
    2.1, several are a spatial pyramid (He et al. 2014, section 2.2). Regions get no gradient.
    Raises UserError where a region has no end or no number.
    """

    settings: ClassVar[Settings] = {"levels": LEVELS}
    examples = (
        ({"levels": (2,)}, ((5, 4, 2), (3, 4))),
        ({"levels": [1, 3]}, ((4, 6, 9), (2, 4))),
    )

    def __init__(self, levels: Sequence[int]) -> None:
        self.levels = levels
        check_settings(self)
        self.levels = tuple(levels)

    @property
    def window(self) -> tuple[int, int] | None:
        return None

    @property
    def cells(self) -> int:
        """Return the cells of all levels."""
        return sum(n * n for n in self.levels)

    def output_shape(self, shape) -> Shape:
        features, regions = shape
        expect(len(features) == 3, f"regions are cut from maps (H, W, C), not {features}")
        boxes = len(regions) == 2 and regions[1] == 4
        expect(boxes, f"regions have the shape (R, 4), not {regions}")
        return regions[0], self.cells * features[2]

    def receive(self, place, x, dtype) -> np.ndarray:
        if place == 0:
            return super().receive(place, x, dtype)
        regions = as_input(x, np.dtype(np.float64))
        expect(bool(np.isfinite(regions).all()), "regions are finite numbers")
        if regions.ndim == 3 and regions.shape[2] == 4:
            ordered = (regions[..., :2] <= regions[..., 2:]).all()
            expect(bool(ordered), "a region is (top, left, bottom, right), its end after its start")
        return regions

    def forward(self, x, regions, *, train):
        (N, _, _, C), R = x.shape, regions.shape[1]
        output = empty((N, R, self.cells, C), x.dtype)
        places = empty(output.shape, np.dtype(np.int32))
        pool_regions(x, regions, np.array(self.levels), output, places)
        return output.reshape(N, R, -1), (places, x.shape, regions.shape)

    def backward(self, d_output, cache, needs):
        """dx = dy where the largest number was found, summed over the regions that share it."""
        places, (N, H, W, C), regions = cache
        d_x = empty((N, H, W, C), d_output.dtype)
        pool_regions_gradient(
            d_output.reshape(N, -1, C), places.reshape(N, -1, C), d_x.reshape(N, -1, C)
        )
        d_regions = None
        if needs[1]:
            d_regions = empty(regions, d_output.dtype)
            d_regions[...] = 0
        return d_x, d_regions


class PyramidPooling(Layer):
    """y [N, cells C]: the largest numbers of a whole map x [N, H, W, C], of whatever size.

    He et al. 2014, "Spatial pyramid pooling in deep convolutional networks", section 2.2.
    """

    settings: ClassVar[Settings] = {"levels": LEVELS}
    examples = (({"levels": (1, 2)}, (5, 4, 3)),)

    def __init__(self, levels: Sequence[int]) -> None:
        self.levels = levels
        check_settings(self)
        self.levels = tuple(levels)
        self.regions = RegionPooling(levels)

    @property
    def window(self) -> tuple[int, int] | None:
        return None

    def output_shape(self, shape) -> Shape:
        return self.regions.output_shape((shape, (1, 4)))[1:]

    def forward(self, x, *, train):
        whole = np.broadcast_to(np.array([0.0, 0.0, 1.0, 1.0]), (len(x), 1, 4))
        output, cache = self.regions.forward(x, whole, train=train)
        return output.reshape(len(x), -1), cache

    def backward(self, d_output, cache, needs):
        """See RegionPooling."""
        return self.regions.backward(d_output.reshape(cache.shape), cache, (needs[0], False))[:1]
