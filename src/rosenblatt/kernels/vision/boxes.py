"""Boxes (top, left, bottom, right), float64: their overlaps, and which of many stay."""

from rosenblatt.kernels.core.jit import kernel


@kernel
def _overlap(a, b):
    """Return intersection over union, 0 where both are empty."""
    height = min(a[2], b[2]) - max(a[0], b[0])
    width = min(a[3], b[3]) - max(a[1], b[1])
    if height <= 0 or width <= 0:
        return 0.0
    common = height * width
    return common / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common)


@kernel
def overlaps(first, second, out):
    """Write the overlap of each of first [M, 4] with each of second [K, 4] to out [M, K]."""
    for m in range(first.shape[0]):
        for k in range(second.shape[0]):
            out[m, k] = _overlap(first[m], second[k])


@kernel
def suppress(boxes, threshold, out):
    """Write whether each of boxes [M, 4], the best first, stays; see non_maximum_suppression."""
    for m in range(boxes.shape[0]):
        out[m] = True
        for k in range(m):
            if out[k] and _overlap(boxes[m], boxes[k]) > threshold:
                out[m] = False
                break
