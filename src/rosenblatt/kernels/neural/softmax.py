"""Softmax, and its cross-entropy with the gradient in the same pass.

logits, targets and outputs are [N, K]. A row of targets holds weights: 1 for the true class; shares
of several classes where labels are smoothed, mixed or taught by another network; less or more where
classes are weighted; zeros where the row does not count.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import rows_of_chunk
from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _shift(logits, out):
    """Write the logits less the maximum of their row: exp cannot overflow."""
    for n in range(logits.shape[0]):
        row, shifted = logits[n], out[n]
        highest = row[0]
        for k in range(row.size):
            highest = max(highest, row[k])
        for k in range(row.size):
            shifted[k] = row[k] - highest


@kernel
def _exp_all(x, out):
    for i in range(x.size):
        out[i] = exp(x[i])


@kernel
def _row_sum(row):
    result = row[0]
    for k in range(1, row.size):
        result += row[k]
    return result


@kernel
def _softmax_rows(logits, out):
    shifted = np.empty_like(logits)  # in place, exp would not run in vectors
    _shift(logits, shifted)
    _exp_all(shifted.reshape(-1), out.reshape(-1))
    one = out.dtype.type(1)
    for n in range(out.shape[0]):
        row = out[n]
        scale = one / _row_sum(row)
        for k in range(row.size):
            row[k] *= scale


@kernel
def _cross_entropy_rows(logits, targets, losses, d_logits, total_weight):
    shifted = np.empty_like(logits)
    _shift(logits, shifted)
    _exp_all(shifted.reshape(-1), d_logits.reshape(-1))
    inverse = logits.dtype.type(1) / total_weight
    for n in range(logits.shape[0]):
        row, target, probability = shifted[n], targets[n], d_logits[n]
        partition, weight = _row_sum(probability), _row_sum(target)
        score = logits.dtype.type(0)
        for k in range(row.size):
            if target[k] != 0:  # an impossible class, of logit -inf, may not have 0 x inf
                score += target[k] * row[k]
        losses[n] = weight * log(partition) - score
        scale = weight / partition
        for k in range(row.size):
            probability[k] = (probability[k] * scale - target[k]) * inverse


@kernel
def spread_labels(labels, out, low, high):
    """Write rows of `low`, `high` at the label, zeros where it is negative; return the highest."""
    highest = np.int64(-1)
    for n in range(labels.size):
        label = labels[n]
        highest = max(highest, label)
        out[n] = low if label >= 0 else out.dtype.type(0)
        if 0 <= label < out.shape[1]:
            out[n, label] = high
    return highest


@parallel_kernel
def softmax(logits, out):
    """Write e^z / sum e^z for each row z."""
    rows = rows_of_chunk(logits.shape[1])
    for block in prange((logits.shape[0] + rows - 1) // rows):
        i, j = block * rows, (block + 1) * rows
        _softmax_rows(logits[i:j], out[i:j])


@parallel_kernel
def cross_entropy(logits, targets, losses, d_logits, total_weight):
    """Write the loss of each row to losses [N], the gradient of their sum / total_weight.

    With weights t, w = sum t and p = softmax(z): loss = w log sum e^z - sum t z, and its
    derivative is w p - t.
    """
    rows = rows_of_chunk(logits.shape[1])
    for block in prange((logits.shape[0] + rows - 1) // rows):
        i, j = block * rows, (block + 1) * rows
        _cross_entropy_rows(logits[i:j], targets[i:j], losses[i:j], d_logits[i:j], total_weight)
