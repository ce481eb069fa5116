"""Additive attention (Bahdanau, Cho & Bengio 2015, appendix A.1.2) of one step, all samples.

query [N, A], keys [N, T, A], values [N, T, D], mask [N, T], score [A] the weights of the sum:

    e_t = sum_a score_a tanh(query_a + key_ta),  share = softmax(e) over unmasked t,
    context = sum_t share_t value_t
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.dot import dot_unwidened
from rosenblatt.kernels.core.elementary import exp, tanh
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _softmax(energy, mask, out_share):
    """Write the softmax of the energies where the mask is True, zeros elsewhere."""
    highest = energy.dtype.type(-np.inf)
    for t in range(energy.size):
        if mask[t]:
            highest = max(highest, energy[t])
    total = energy.dtype.type(0)
    for t in range(energy.size):
        out_share[t] = exp(energy[t] - highest) if mask[t] else 0
        total += out_share[t]
    if total == 0:  # every step is masked
        return
    for t in range(energy.size):
        out_share[t] /= total


@kernel
def _attend_sample(query, keys, values, mask, score, out_context, out_share, out_squashed):
    energy = np.empty_like(out_share)
    for t in range(energy.size):
        key, row = keys[t], out_squashed[t]
        for a in range(row.size):
            row[a] = tanh(query[a] + key[a])
        energy[t] = dot_unwidened(row, score)
    _softmax(energy, mask, out_share)
    out_context[:] = 0
    for t in range(energy.size):
        value, weight = values[t], out_share[t]
        for d in range(value.size):
            out_context[d] += weight * value[d]


@parallel_kernel
def attend(query, keys, values, mask, score, out_context, out_share, out_squashed):
    """Write the contexts [N, D], the shares [N, T] and the squashed sums [N, T, A]."""
    for n in prange(query.shape[0]):
        _attend_sample(
            query[n], keys[n], values[n], mask[n], score,
            out_context[n], out_share[n], out_squashed[n],
        )  # fmt: skip


@kernel
def _attend_gradient_sample(
    d_context, values, score, share, squashed, out_d_query, out_d_keys, out_d_values, out_d_score
):
    d_share = np.empty(share.size, share.dtype)
    mean = share.dtype.type(0)
    for t in range(share.size):
        d_share[t] = dot_unwidened(d_context, values[t])
        mean += share[t] * d_share[t]
        d_value, weight = out_d_values[t], share[t]
        for d in range(d_context.size):
            d_value[d] = weight * d_context[d]
    out_d_query[:] = 0
    out_d_score[:] = 0
    one = share.dtype.type(1)
    for t in range(share.size):
        d_energy = share[t] * (d_share[t] - mean)
        row, d_key = squashed[t], out_d_keys[t]
        for a in range(row.size):
            d_key[a] = d_energy * score[a] * (one - row[a] * row[a])
        for a in range(row.size):
            out_d_query[a] += d_key[a]
        for a in range(row.size):
            out_d_score[a] += d_energy * row[a]


@parallel_kernel
def attend_gradient(
    d_context, values, score, share, squashed, out_d_query, out_d_keys, out_d_values, out_d_score
):
    """Write the gradients, that of the score [N, A] for each sample; see `attend`."""
    for n in prange(d_context.shape[0]):
        _attend_gradient_sample(
            d_context[n], values[n], score, share[n], squashed[n],
            out_d_query[n], out_d_keys[n], out_d_values[n], out_d_score[n],
        )  # fmt: skip
