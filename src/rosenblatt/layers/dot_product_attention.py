"""Dot-product attention: each step looks at steps of the same sequence, or of another."""

from typing import Any, ClassVar

import numpy as np

from rosenblatt.kernels.neural.dot_product_attention import Gradients, attend, attend_gradient
from rosenblatt.layers.base import SIZE, Layer, Module, Settings, Shape
from rosenblatt.layers.dense import Dense
from rosenblatt.layers.inputs import as_mask, expect
from rosenblatt.ranges import FLAG, NONE, POSITIVE, Either, check_settings
from rosenblatt.tape import empty

BIAS, MASK, AXES = 3, 4, 4  # the places of bias and mask among the inputs; most axes of both


class DotProductAttention(Layer):
    """The values' mean, weighted by the softmax of query . key (Vaswani et al. 2017, equation 1).

    query [N, T, W], keys [N, S, W], values [N, S, V], to [N, T, V]; each of `heads` works on its
    own W / heads and V / heads columns, side by side. Then may come, or None, a bias that is added
    to the scaled products, [N, T, S] or [N, heads, T, S], and a mask, [N, S], [N, T, S] or [N,
    heads, T, S], that is True where a query may see a key. In causal attention, of as many queries
    as keys, it sees none after its own step. A query that may see no key gives zeros. scale: of the
    products, by default 1 / sqrt(W / heads). The equations of backward are in kernels/neural/
    dot_product_attention.py.
    """

    window = None
    settings: ClassVar[Settings] = {
        "heads": SIZE, "causal": FLAG, "scale": Either(POSITIVE, NONE),
    }  # fmt: skip
    examples: ClassVar[Any] = (
        ({}, ((3, 4), (5, 4), (5, 2))),
        ({"heads": 2, "causal": True}, ((3, 4), (3, 4), (3, 6))),
        ({"heads": 3, "scale": 2.0}, ((2, 6), (4, 6), (4, 3), (2, 4))),
        ({"heads": 2}, ((2, 2), (3, 2), (3, 2), (2, 2, 3))),
    )

    def __init__(self, heads: int = 1, causal: bool = False, scale: float | None = None) -> None:
        self.heads = heads
        self.causal = causal
        self.scale = scale
        check_settings(self)

    def output_shape(self, shape) -> Shape:
        query, keys, values = shape[:BIAS]
        fits = len(query) == len(keys) == len(values) == 2
        fits = fits and query[1] == keys[1] and keys[0] == values[0]
        expect(
            fits, f"a query {query} does not fit keys {keys} and values {values}; they are (T, W), "
            "(S, W) and (S, V)",
        )  # fmt: skip
        (T, W), (S, V) = query, values
        expect(
            W % self.heads == V % self.heads == 0,
            f"{W} and {V} columns do not fall into {self.heads} equal heads",
        )
        expect(not self.causal or T == S, f"causal attention of {T} queries to {S} keys")
        forms = [(T, S), (self.heads, T, S), (S,)]
        for place, one in enumerate(shape[BIAS:]):
            name, wanted = ("mask", forms) if place else ("bias", forms[:2])
            known = ", ".join(map(str, wanted))
            expect(one in (None, *wanted), f"a {name} of shape {one}; give one of {known}")
        return T, V

    def multiply_adds(self, shape) -> int:
        (T, W), (S, V) = shape[0], shape[2]
        return T * S * (W + V)

    def receive(self, place, x, dtype) -> np.ndarray:
        return as_mask(x, AXES) if place == MASK else super().receive(place, x, dtype)

    def _bias(self, bias, mask, dtype):
        """Return what is added to the products [N, heads or 1, T or 1, S], -inf where masked."""
        if bias is not None and bias.ndim < AXES:
            bias = bias[:, None]
        if mask is None:
            return np.zeros((0, 0, 0, 0), dtype) if bias is None else bias
        if mask.ndim < AXES:
            mask = mask[:, None, None] if mask.ndim == 2 else mask[:, None]
        added = np.zeros(1, dtype) if bias is None else bias
        return np.ascontiguousarray(np.where(mask, added, -np.inf), dtype)

    def _scale(self, query):
        width = query.shape[2] // self.heads
        return query.dtype.type(1 / np.sqrt(width) if self.scale is None else self.scale)

    def forward(self, query, keys, values, bias=None, mask=None, *, train):
        (N, T, _), (_, S, V) = query.shape, values.shape
        output = empty((N, T, V), query.dtype)
        shares = empty((N, self.heads, T, S), query.dtype)
        arrays = query, keys, values
        added = self._bias(bias, mask, query.dtype)
        attend(*arrays, added, self._scale(query), self.causal, output, shares)
        return output, (arrays, shares, None if bias is None else bias.shape)

    def backward(self, d_output, cache, needs):
        """With dp = dy values^T: d_score = share (dp - sum of share dp), which is d_bias.

        d_query = scale d_score keys, d_keys = scale d_score^T query, d_values = share^T dy.
        """
        arrays, shares, bias = cache
        outputs = Gradients(*(empty(array.shape, array.dtype) for array in (*arrays, shares)))
        attend_gradient(d_output, *arrays, shares, self._scale(arrays[0]), outputs)
        d_bias = None
        if bias is not None and needs[BIAS]:
            d_bias = empty(bias, shares.dtype)
            d_scores = outputs.d_scores
            d_bias[...] = d_scores if len(bias) == AXES else d_scores.sum(1)
        return (*outputs[:BIAS], d_bias, None)[: len(needs)]


class MultiHeadAttention(Module):
    """Attention of `heads` at once, to projections of a sequence (Vaswani et al. 2017, 3.2.2).

    x [N, T, D] to [N, T, D]: itself is looked at, or `memory` [N, S, M]; the mask as in
    DotProductAttention. width, by default D, is of queries, keys and values of all heads together.
    """

    def __init__(self, heads: int, width: int | None = None, causal: bool = False) -> None:
        self.heads = heads
        self.width = width
        self.causal = causal
        self.attention = DotProductAttention(heads, causal)

    def build(self, shape: Any, rng: Any) -> Shape:
        several = isinstance(shape[0], tuple)
        x, memory = shape[:2] if several else (shape, shape)
        expect(len(x) == len(memory) == 2, f"attention takes sequences (T, D), not {shape}")
        if not hasattr(self, "output"):
            width = self.width or x[1]
            self.query, self.key, self.value = (
                Dense(width, initialiser="glorot_uniform") for _ in range(3)
            )
            self.output = Dense(x[1], initialiser="glorot_uniform")
        projected = (
            self.query.build(x, rng), self.key.build(memory, rng), self.value.build(memory, rng),
        )  # fmt: skip
        return self.output.build(self.attention.build(projected, rng), rng)

    def __call__(self, x: Any, memory: Any = None, mask: Any = None) -> Any:
        memory = x if memory is None else memory
        seen = self.attention(
            self.query(x), self.key(memory), self.value(memory), None, mask
        )  # fmt: skip
        return self.output(seen)
