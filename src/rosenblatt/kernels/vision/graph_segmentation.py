"""Joining the pixels of an image, and the regions so made, along a graph of neighbours.

Felzenszwalb & Huttenlocher 2004, "Efficient graph-based image segmentation", algorithm 1.
"""

import numpy as np

from rosenblatt.kernels.core.jit import kernel


@kernel
def find(parent, i):
    """Return the root of i, halving the path to it."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@kernel
def grid_edges(image, first, second, weight):
    """Write the edges to the right, below and both diagonals below; return how many.

    image [H, W, C]; the weight of an edge is the distance of its pixels' colours.
    """
    H, W, C = image.shape
    count = 0
    for y in range(H):
        for x in range(W):
            for way in range(4):
                v, u = y + (way > 0), x + (1 if way < 2 else way - 3)
                if v >= H or u < 0 or u >= W:
                    continue
                total = 0.0
                for c in range(C):
                    gap = np.float64(image[y, x, c]) - np.float64(image[v, u, c])
                    total += gap * gap
                first[count], second[count] = y * W + x, v * W + u
                weight[count] = np.sqrt(total)
                count += 1
    return count


@kernel
def join(first, second, weight, order, scale, least, parent):
    """Join the pixels first and second of edges, taken in `order`; parent tells the roots.

    Two regions become one where the edge weighs no more than either's inner difference + scale /
    its size (equation 4); then regions of fewer than `least` pixels join a neighbour.
    """
    size = np.ones(parent.size, np.int64)
    inner = np.zeros(parent.size)
    for i in range(parent.size):
        parent[i] = i
    for e in order:
        a, b = find(parent, first[e]), find(parent, second[e])
        if a != b:
            limit = min(inner[a] + scale / size[a], inner[b] + scale / size[b])
            if weight[e] <= limit:
                parent[b] = a
                size[a] += size[b]
                inner[a] = weight[e]
    for e in order:
        a, b = find(parent, first[e]), find(parent, second[e])
        if a != b and (size[a] < least or size[b] < least):
            parent[b] = a
            size[a] += size[b]


@kernel
def number_regions(parent, labels):
    """Write for each pixel the number of its region, by first pixel; return how many there are."""
    number = np.full(parent.size, -1, np.int64)
    count = 0
    for i in range(parent.size):
        root = find(parent, i)
        if number[root] < 0:
            number[root] = count
            count += 1
        labels[i] = number[root]
    return count


@kernel
def group(sizes, histograms, near, pixels, uses, boxes):
    """Join the two most similar neighbours until one region is left (Uijlings 2013, algorithm 1).

    Of R regions and the R - 1 to come: sizes [2R - 1] float64, histograms [2, 2R - 1, D] (colour
    and texture, each adding up to 1), near [2R - 1, 2R - 1] whether they touch, boxes [2R - 1, 4];
    only the first R are filled. uses: how much colour, texture, size and fill count.
    """
    R = (sizes.size + 1) // 2
    alive = np.zeros(sizes.size, np.bool_)
    alive[:R] = True
    likeness = np.full(near.shape, -1.0)
    for i in range(R):
        for j in range(i):
            if near[i, j]:
                likeness[i, j] = _similarity(sizes, histograms, pixels, uses, boxes, i, j)
    for new in range(R, sizes.size):
        a, b = _most_alike(likeness, alive, new)
        alive[a] = alive[b] = False
        alive[new] = True
        _unite(sizes, histograms, boxes, a, b, new)
        for j in range(new):
            if alive[j] and (near[a, j] or near[b, j]):
                near[new, j] = near[j, new] = True
                likeness[new, j] = _similarity(sizes, histograms, pixels, uses, boxes, new, j)


@kernel
def _most_alike(likeness, alive, count):
    """Return the two living regions of the largest likeness; two that do not touch at the last."""
    best, a, b = -2.0, 0, 0
    for i in range(count):
        if alive[i]:
            for j in range(i):
                if alive[j] and likeness[i, j] > best:
                    best, a, b = likeness[i, j], i, j
    return a, b


@kernel
def _unite(sizes, histograms, boxes, a, b, new):
    sizes[new] = sizes[a] + sizes[b]
    for h in range(histograms.shape[0]):
        for d in range(histograms.shape[2]):
            mixed = sizes[a] * histograms[h, a, d] + sizes[b] * histograms[h, b, d]
            histograms[h, new, d] = mixed / sizes[new]
    for side in range(2):
        boxes[new, side] = min(boxes[a, side], boxes[b, side])
        boxes[new, side + 2] = max(boxes[a, side + 2], boxes[b, side + 2])


@kernel
def _similarity(sizes, histograms, pixels, uses, boxes, a, b):
    """Return the weighted sum of the four similarities (Uijlings et al. 2013, equations 1 to 6)."""
    total = 0.0
    for h in range(2):
        if uses[h] > 0:
            for d in range(histograms.shape[2]):
                total += uses[h] * min(histograms[h, a, d], histograms[h, b, d])
    both = sizes[a] + sizes[b]
    height = max(boxes[a, 2], boxes[b, 2]) - min(boxes[a, 0], boxes[b, 0])
    width = max(boxes[a, 3], boxes[b, 3]) - min(boxes[a, 1], boxes[b, 1])
    total += uses[2] * (1.0 - both / pixels)
    return total + uses[3] * (1.0 - (height * width - both) / pixels)
