"""Attention: a step of a decoder looks at all steps of the encoder, and chooses."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.kernels.recurrent.attention import attend, attend_gradient
from rosenblatt.layers.base import Layer, Shape
from rosenblatt.layers.initialisers import glorot_uniform
from rosenblatt.layers.inputs import as_mask, expect
from rosenblatt.tape import Parameter, empty

MASK = 3  # the place of the mask among the inputs


class Attention(Layer):
    """The values' mean, weighted by how well their keys fit the query (Bahdanau et al. 2015).

    query [N, A], keys [N, T, A], values [N, T, D] and a mask [N, T], or None, to [N, D]; the
    equations are in kernels/recurrent/attention.py, `score` [A]. A row of masked steps alone gives
    zeros, and no gradient, as in the recurrent layers.
    """

    window = None
    examples: ClassVar[list] = [({}, ((3,), (4, 3), (4, 2))), ({}, ((20,), (2, 20), (2, 5)))]

    def create(self, shape, rng) -> None:
        self.score = Parameter(glorot_uniform((shape[0][0], 1), rng)[:, 0].copy(), "score")

    def output_shape(self, shape) -> Shape:
        query, keys, values = shape[:3]
        mask = shape[3] if len(shape) > MASK else None
        fits = len(query) == 1 and len(keys) == len(values) == 2
        expect(
            fits and keys[1:] == query and values[0] == keys[0] and mask in (None, keys[:1]),
            f"a query {query} does not fit keys {keys}, values {values} and a mask {mask}; "
            "they are (A,), (T, A), (T, D) and (T,)",
        )
        if hasattr(self, "score"):
            A = self.score.value.size
            expect(query == (A,), f"the attention has weights for queries of {A}, not {query}")
        return (values[1],)

    def receive(self, place, x, dtype) -> np.ndarray:
        return as_mask(x) if place == MASK else super().receive(place, x, dtype)

    def shares(self, query, keys, values, mask) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the context [N, D], the steps' shares in it [N, T], and the squashed sums."""
        query, keys, values, mask = self.received((query, keys, values, mask))
        return self._shares(query, keys, values, mask)

    def _shares(self, query, keys, values, mask):
        N, T, A = keys.shape
        if mask is None:
            mask = np.ones((N, T), np.bool_)
        outputs = tuple(
            empty(shape, query.dtype) for shape in ((N, values.shape[2]), (N, T), (N, T, A))
        )
        attend(query, keys, values, mask, self.score.value, *outputs)
        return outputs

    def forward(self, query, keys, values, mask=None, *, train):
        context, share, squashed = self._shares(query, keys, values, mask)
        return context, (values, share, squashed)

    def backward(self, d_output, cache, needs):
        """With de_t = share_t (dc . v_t - its mean): d_key = de score (1 - tanh^2), dv = share dc.

        d_query is the sum of d_key over the steps, d_score that of de tanh.
        """
        values, share, squashed = cache
        N, T, A = squashed.shape
        shapes = ((N, A), (N, T, A), values.shape, (N, A))
        outputs = tuple(empty(shape, d_output.dtype) for shape in shapes)
        d_context = np.ascontiguousarray(d_output)
        attend_gradient(d_context, values, self.score.value, share, squashed, *outputs)
        d_score = empty((A,), d_output.dtype)
        column_sums(outputs[3], d_score)
        self.score.accumulate(d_score)
        return (*outputs[:3], None)[: len(needs)]
