"""Boxes as sets of pixels, and what is done with them in loops."""


def overlap(first, second):
    """Return intersection over union of two boxes of whole pixels, by counting pixels."""
    one, other = (
        {(y, x) for y in range(b[0], b[2]) for x in range(b[1], b[3])} for b in (first, second)
    )
    return len(one & other) / len(one | other) if one | other else 0.0


def non_maximum_suppression(boxes, scores, threshold):
    """Return the numbers that stay: take the best, strike out what overlaps it, again."""
    left = sorted(range(len(boxes)), key=lambda i: (-scores[i], i))
    stays = []
    while left:
        best = left.pop(0)
        stays.append(best)
        left = [i for i in left if overlap(boxes[best], boxes[i]) <= threshold]
    return stays


def best_box(scores):
    """Return the largest sum over a box of scores [H, W], trying every one."""
    H, W = scores.shape
    return max(
        float(scores[a:b, c:d].sum())
        for a in range(H)
        for b in range(a + 1, H + 1)
        for c in range(W)
        for d in range(c + 1, W + 1)
    )
