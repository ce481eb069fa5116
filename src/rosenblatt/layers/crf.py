"""The dense conditional random field, by mean field, as layers that repeat like a recurrent one."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np

from rosenblatt.kernels.affinity import affinities
from rosenblatt.kernels.gemm import gemm
from rosenblatt.kernels.softmax import softmax
from rosenblatt.kernels.sums import column_sums
from rosenblatt.layers.base import Layer, Module, Shape, expect
from rosenblatt.tape import Parameter, empty

BLOCK = 1 << 22  # affinities at a time


class MeanFieldStep(Layer):
    """Each pixel hears what labels the pixels near it, and of its colour, believe in.

    unary, current [N, H, W, K] (logits) and an image [N, H, W, G] to logits [N, H, W, K]:

        output = unary + (sum over f of weight_f m_f) compatibility,
        m_f[i] = sum over j != i of k_f(i, j) q[j] / sum of the same k_f(i, j), q = softmax(current)

    with k_0 = exp(-|place_i - place_j|^2 / 2 reach^2 - |colour_i - colour_j|^2 / 2 contrast^2) and
    k_1 = exp(-|place_i - place_j|^2 / 2 smoothness^2), all pairs of pixels (Kraehenbuehl & Koltun
    2011, equation 3 and algorithm 1; as a layer, with a weight a label: Zheng et al. 2015, section
    4). reach and smoothness are in pixels, contrast in units of the image. weight [2, K] starts at
    `weight`; compatibility [K, K] as the identity: to agree is good. Time grows with (H W)^2.
    """

    window = None
    examples: ClassVar[list] = [
        ({"reach": 2.0, "contrast": 0.5}, ((3, 2, 2), (3, 2, 2), (3, 2, 1))),
        ({"reach": 1.0, "contrast": 1.0, "smoothness": 2.0}, ((2, 3, 3), (2, 3, 3), (2, 3, 2))),
    ]

    def __init__(
        self, reach: float, contrast: float, smoothness: float = 1.0, weight: float = 1.0
    ) -> None:
        positive = min(reach, contrast, smoothness) > 0
        expect(positive, "reach, contrast and smoothness are above 0")
        self.reach = reach
        self.contrast = contrast
        self.smoothness = smoothness
        self.weight = weight

    def create(self, shape, rng):
        K = shape[0][-1]
        self.weights = Parameter(np.full((2, K), self.weight, np.float32), "weights")
        self.compatibility = Parameter(np.eye(K, dtype=np.float32), "compatibility")

    def output_shape(self, shape):
        unary, current, image = shape
        same = unary == current and unary[:2] == image[:2] and unary[0] * unary[1] > 1
        expect(same, f"logits {unary} and {current} do not fit an image {image}")
        return unary

    def multiply_adds(self, shape):
        (H, W, K), _, (_, _, G) = shape
        return (H * W) ** 2 * (2 * (K + 1) + G + 4)

    def forward(self, unary, current, image, *, train):
        K = unary.shape[-1]
        q = empty(current.shape, current.dtype)
        softmax(current.reshape(-1, K), q.reshape(-1, K))
        means, sums = (empty((2, *current.shape[: 1 + n]), q.dtype) for n in (3, 2))
        for n, points in enumerate(map(self._points, image)):
            values = np.append(q[n].reshape(-1, K), np.ones((points[0].shape[1], 1), q.dtype), 1)
            for f in range(2):
                heard = _propagate(points[f], values)
                sums[f, n] = heard[:, K].reshape(sums.shape[2:])
                means[f, n] = (heard[:, :K] / heard[:, K:]).reshape(unary.shape[1:])
        agreed = means[0] * self.weights.value[0] + means[1] * self.weights.value[1]
        output = empty(unary.shape, unary.dtype)
        gemm(agreed.reshape(-1, K), self.compatibility.value, output.reshape(-1, K))
        output += unary
        return output, (q, image, means, sums, agreed)

    def backward(self, d_output, cache, needs):
        """k_f is symmetric: what goes back to q_j is what all others heard of it.

        With g = dm / sum: dq = k g, passed on through the softmax, and dk_ij = g_i (q_j - m_i).
        """
        q, image, means, sums, agreed = cache
        K, d = q.shape[-1], d_output.reshape(-1, q.shape[-1])
        d_compatibility, d_agreed = empty((K, K), q.dtype), empty(d.shape, q.dtype)
        gemm(agreed.reshape(-1, K), d, d_compatibility, transpose=(True, False))
        self.compatibility.accumulate(d_compatibility)
        gemm(d, self.compatibility.value, d_agreed, transpose=(False, True))
        d_weights = empty((2, K), q.dtype)
        for f in range(2):
            column_sums(d_agreed * means[f].reshape(-1, K), d_weights[f])
        self.weights.accumulate(d_weights)
        d_heard = (
            d_agreed.reshape(q.shape) * self.weights.value[:, None, None, None] / sums[..., None]
        )
        d_q, d_image = np.zeros_like(q), np.zeros_like(image)
        for n, points in enumerate(map(self._points, image)):
            for f in range(2):
                back = _propagate(points[f], d_heard[f, n].reshape(-1, K))
                d_q[n] += back.reshape(q.shape[1:])
            if needs[2]:
                d_image[n] = self._image_gradient(points[0], q[n], means[0, n], d_heard[0, n])
        d_current = q * (d_q - (d_q * q).sum(-1, keepdims=True))
        return d_output, d_current, d_image

    def _points(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the points [D, P] of an image's pixels for both kernels."""
        H, W, G = image.shape
        places = np.indices((H, W)).reshape(2, -1).astype(image.dtype)
        colours = image.reshape(-1, G).T
        near = places / image.dtype.type(self.reach), colours / image.dtype.type(self.contrast)
        return np.concatenate(near), places / image.dtype.type(self.smoothness)

    def _image_gradient(self, points, q, mean, d_heard):
        """Return the gradient to an image: dp_i = sum_j (dk_ij + dk_ji) k_ij (p_j - p_i)."""
        K, G = q.shape[-1], len(points) - 2
        flat, ones = d_heard.reshape(-1, K), np.ones((points.shape[1], 1), q.dtype)
        lost = (flat * mean.reshape(-1, K)).sum(1, keepdims=True)
        d_k = np.append(flat, -lost, 1), np.append(q.reshape(-1, K), ones, 1)
        ends = np.append(np.ascontiguousarray(points.T), ones, 1)
        moved = empty(ends.shape, q.dtype)
        for rows, near in _blocks(points):
            pull = np.zeros_like(near)
            for first, second in (d_k, d_k[::-1]):
                gemm(first[rows], second, pull, transpose=(False, True), accumulate=True)
            gemm(near * pull, ends, moved[rows])
        d_points = moved[:, :-1] - moved[:, -1:] * points.T
        return (d_points[:, -G:] / q.dtype.type(self.contrast)).reshape(*q.shape[:2], G)


class MeanField(Module):
    """`iterations` of one step: logits [N, H, W, K] and an image [N, H, W, G] to logits."""

    def __init__(self, step: MeanFieldStep, iterations: int = 5) -> None:
        expect(iterations >= 1, f"iterations = {iterations}; at least 1")
        self.step = step
        self.iterations = iterations

    def build(self, shape: Any, rng: Any) -> Shape:
        unary, image = shape
        return self.step.build((unary, unary, image), rng)

    def __call__(self, unary: Any, image: Any) -> Any:
        current = unary
        for _ in range(self.iterations):
            current = self.step(unary, current, image)
        return current


def _blocks(points: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield rows of the affinities of points [D, P] with all, good until the next."""
    P = points.shape[1]
    size = min(P, max(1, BLOCK // P))
    block = empty((size, P), points.dtype)
    for first in range(0, P, size):
        near = block[: min(size, P - first)]
        affinities(points, first, near)
        yield slice(first, first + len(near)), near


def _propagate(points: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return what each of points [D, P] hears of the others' values [P, V], by affinity."""
    out = empty(values.shape, values.dtype)
    for rows, near in _blocks(points):
        gemm(near, np.ascontiguousarray(values), out[rows])
    return out
