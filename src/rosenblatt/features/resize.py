"""Images of another size, by linear interpolation, smoothed where they get smaller."""

from functools import lru_cache

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import Each, Whole, check_value


@lru_cache(maxsize=256)
def interpolation(source: int, target: int) -> np.ndarray:
    """Return weights [target, source] (float32) of linear interpolation along an axis; do not edit.

    Pixels are squares: the ends of both axes coincide. A target pixel is a tent over the source,
    two target pixels wide, and two source pixels at least: so enlarging interpolates, and making
    smaller averages over all pixels (Turkowski 1990, "Filters for common resampling tasks").
    """
    step = source / target
    centres = (np.arange(target) + 0.5) * step - 0.5
    distance = np.abs(np.arange(source) - centres[:, None]) / max(step, 1.0)
    weights = np.maximum(0.0, 1.0 - distance)
    weights /= weights.sum(1, keepdims=True)
    weights = weights.astype(np.float32)
    weights.setflags(write=False)
    return weights


def resize(images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return images [N, H, W, C] as float32 [N, rows, columns, C], size = (rows, columns).

    Raises UserError as check_images, or where the size is none.
    """
    check_value("size", size, Each(Whole(1, 100_000), 2, 2))
    x = check_images(images)
    for target in size:  # along the rows, then, turned over, along the columns
        N, H, W, C = x.shape
        if target != H:
            out = np.empty((N, target, W * C), np.float32)
            for n in range(N):
                gemm(interpolation(H, target), x[n].reshape(H, W * C), out[n])
            x = out.reshape(N, target, W, C)
        x = np.ascontiguousarray(x.swapaxes(1, 2))
    return x
