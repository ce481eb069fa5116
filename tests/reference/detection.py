"""Slow, transparent twins of detection: sets of pixels, and loops."""


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


def segment(image, scale, least):
    """Return sets of pixels, joined as Felzenszwalb & Huttenlocher (2004, algorithm 1) say."""
    H, W, _ = image.shape
    edges = []
    for y in range(H):
        for x in range(W):
            for v, u in ((y, x + 1), (y + 1, x + 1), (y + 1, x - 1), (y + 1, x)):
                if v < H and 0 <= u < W:
                    gap = sum(
                        (float(a) - float(b)) ** 2
                        for a, b in zip(image[y, x], image[v, u], strict=True)
                    )
                    edges.append((gap**0.5, (y, x), (v, u)))
    edges.sort(key=lambda edge: edge[0])  # stable
    region = {(y, x): {(y, x)} for y in range(H) for x in range(W)}
    inner = {id(pixels): 0.0 for pixels in region.values()}

    def unite(a, b, weight):
        a |= b
        inner[id(a)] = weight
        for pixel in b:
            region[pixel] = a

    for weight, p, q in edges:
        a, b = region[p], region[q]
        if a is not b and weight <= min(inner[id(s)] + scale / len(s) for s in (a, b)):
            unite(a, b, weight)
    for _, p, q in edges:
        a, b = region[p], region[q]
        if a is not b and min(len(a), len(b)) < least:
            unite(a, b, 0.0)
    return {frozenset(pixels) for pixels in region.values()}
