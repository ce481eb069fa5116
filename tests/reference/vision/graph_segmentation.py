"""Segmentation by joining sets of pixels."""


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
