"""A conditional random field over pixels, by mean field: as an end to a network.

Labels of pixels that are near and alike should agree. Kraehenbuehl & Koltun 2011, algorithm 1: its
sums are over all pixels, the field is dense, where `reach` is the image's side; within 12 pixels,
the default, the Gaussian of 8 by place is cut where it has fallen to a third. Each step of it is a
layer whose weights learn (Zheng et al. 2015, "Conditional random fields as recurrent neural
networks", section 4).
"""

from typing import Any, ClassVar

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.kernels.vision.pixel_pairs import affinities, messages
from rosenblatt.layers import Layer, Module
from rosenblatt.layers.base import Settings
from rosenblatt.layers.inputs import expect
from rosenblatt.ranges import FROM_ZERO, Real, Whole, check_settings
from rosenblatt.tape import Parameter


class MeanField(Layer):
    """Logits [N, H, W, K] and images [N, H, W, C] to better logits, by `steps` of mean field.

        Q = softmax(L),  L <- U - (w_1 A_1 Q + w_2 A_2 Q) M     from L = U, the logits given

    A_1 weighs other pixels by place and colour, a Gaussian of `place` pixels and `colour` (the
    image's unit), A_2 by place alone, of `smooth` pixels; each pixel's weights add up to 1. M
    [K, K] tells how ill two labels go together, from 1 for different ones; w [2] starts from
    `strength`. The images are constants: asking for their gradient raises UserError.
    """

    settings: ClassVar[Settings] = {
        "steps": Whole(1, 1000),
        "place": Real(1e-3, 1e6),
        "colour": Real(1e-3, 1e6),
        "smooth": Real(1e-3, 1e6),
        "reach": Whole(0, 4096),
        "strength": FROM_ZERO,
    }

    def __init__(
        self,
        steps: int = 5,
        place: float = 8.0,
        colour: float = 0.15,
        smooth: float = 2.0,
        reach: int = 12,
        strength: float = 2.0,
    ) -> None:
        self.steps, self.place, self.colour = steps, place, colour
        self.smooth, self.reach, self.strength = smooth, reach, strength
        check_settings(self)

    @property
    def border(self) -> int:
        """Return how far from a pixel it sees: each step looks `reach` pixels further."""
        return self.steps * self.reach

    @property
    def window(self) -> tuple[int, int]:
        return 2 * self.border + 1, 1

    def create(self, shape: Any, rng: Any) -> None:
        K = shape[0][-1]
        weights = np.full(2, self.strength, np.float32)
        self.weights = Parameter(weights, "weights", decay=False)
        different = 1 - np.eye(K, dtype=np.float32)
        self.compatibility = Parameter(different, "compatibility", decay=False)

    def output_shape(self, shape: Any) -> tuple[int, ...]:
        logits, image = shape
        for one in shape:
            expect(len(one) == 3, f"a random field takes maps (H, W, C), not {one}")
        fits = logits[:2] == image[:2]
        expect(fits, f"logits of {logits[:2]} pixels do not fit an image of {image[:2]}")
        if hasattr(self, "weights"):
            K = len(self.compatibility.value)
            expect(logits[2] == K, f"the field has weights for {K} classes, not {logits[2]}")
        return logits

    def _tables(self, image: np.ndarray) -> list[np.ndarray]:
        """Return the two tables of weights of one image, not yet brought to a sum of 1."""
        H, W, _ = image.shape
        reach = min(self.reach, max(H, W) - 1)
        tables = []
        for place, alike in ((self.place, 0.5 / (self.colour * self.colour)), (self.smooth, 0.0)):
            table = np.empty((H * W, 2 * reach + 1, 2 * reach + 1), image.dtype)
            affinities(image, *map(image.dtype.type, (0.5 / (place * place), alike)), table)
            tables.append(table)
        return tables

    def forward(self, logits, image, *, train):
        output, caches = np.empty_like(logits), []
        for n, unary in enumerate(logits):
            shape, flat = unary.shape[:2], unary.reshape(-1, unary.shape[-1])
            tables = self._tables(np.ascontiguousarray(image[n], logits.dtype))
            tiny = np.finfo(logits.dtype).tiny
            norms = [np.maximum(t.sum((1, 2)), tiny)[:, None] for t in tables]
            current, states = flat, []
            for _ in range(self.steps):
                q = np.empty_like(flat)
                softmax(current, q)
                told = [_filter(t, q, shape) / s for t, s in zip(tables, norms, strict=True)]
                mixed = sum(w * m for w, m in zip(self.weights.value, told, strict=True))
                states.append((q, told, mixed))
                current = flat - _product(mixed, self.compatibility.value)
            output[n] = current.reshape(unary.shape)
            caches.append((tables, norms, states))
        return output, caches

    def backward(self, d_output, cache, needs):
        """For each step, last first: dM -= (sum w A Q)^T d, dw_m -= <A_m Q, d M^T>.

        dQ = -sum of w_m A_m^T d M^T, and through the softmax to the step before; each step adds its
        d to dU.
        """
        if needs[1]:
            raise UserError("a random field has no gradient with respect to the image.")
        d_logits = np.zeros_like(d_output)
        d_weights = np.zeros_like(self.weights.value)
        d_compatibility = np.zeros_like(self.compatibility.value)
        for n, (tables, norms, states) in enumerate(cache):
            shape = d_output.shape[1:3]
            d = d_output[n].reshape(-1, d_output.shape[-1])
            total = d.copy()
            for q, told, mixed in reversed(states):
                d_compatibility -= _product(mixed, d, (True, False))
                d_mixed = -_product(d, self.compatibility.value, (False, True))
                d_weights += np.array([(m * d_mixed).sum() for m in told], d.dtype)
                d_q = sum(
                    w * _filter(t, d_mixed / s, shape)  # the tables are symmetric
                    for w, t, s in zip(self.weights.value, tables, norms, strict=True)
                )
                d = q * (d_q - (q * d_q).sum(1, keepdims=True))
                total += d
            d_logits[n] = total.reshape(d_output.shape[1:])
        for parameter, gradient in (
            (self.weights, d_weights), (self.compatibility, d_compatibility),
        ):  # fmt: skip
            if parameter.trained:
                parameter.accumulate(gradient)
        return (d_logits if needs[0] else None, None)


class WithField(Module):
    """A network from images to logits of their pixels, and a random field at its end.

    Both learn together: the field's steps are layers, through which the gradient reaches the
    network (Zheng et al. 2015, section 5).
    """

    def __init__(self, network: Module, field: MeanField) -> None:
        self.network, self.field = network, field

    def build(self, shape: Any, rng: Any) -> tuple[int, ...]:
        return self.field.build((self.network.build(shape, rng), shape), rng)

    def __call__(self, images: Any) -> Any:
        return self.field(self.network(images), images)


def _product(
    a: np.ndarray, b: np.ndarray, transpose: tuple[bool, bool] = (False, False)
) -> np.ndarray:
    shape = a.shape[int(not transpose[0]) - 1], b.shape[int(not transpose[1])]
    return gemm(a, b, np.empty(shape, a.dtype), transpose=transpose)


def _filter(table: np.ndarray, q: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    out = np.empty_like(q)
    messages(table, np.ascontiguousarray(q), *map(int, size), out)
    return out
