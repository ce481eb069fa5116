"""Slow twins of the recurrent cells: one sample, one step and one gate at a time, in float64."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def elman(weights, x, state):
    W, U, b = (weights[name] for name in ("weight", "recurrent", "bias"))
    h = np.tanh(x @ W + state @ U + b)
    return h, h


def lstm(weights, x, state):
    h, c = np.split(state, 2)
    a = x @ weights["weight"] + h @ weights["recurrent"] + weights["bias"]
    i, f, o, g = np.split(a, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, np.concatenate([h, c])


def gru(weights, x, state):
    H = len(state)
    a = x @ weights["weight"] + weights["bias"]
    gates = sigmoid(a[: 2 * H] + state @ weights["recurrent"])
    r, u = gates[:H], gates[H:]
    candidate = np.tanh(a[2 * H :] + (r * state) @ weights["candidate"])
    h = u * state + (1 - u) * candidate
    return h, h


def gru_reset_after(weights, x, state):
    H = len(state)
    a = x @ weights["weight"] + weights["bias"]
    gates = sigmoid(a[: 2 * H] + state @ weights["recurrent"])
    r, u = gates[:H], gates[H:]
    candidate = np.tanh(a[2 * H :] + r * (state @ weights["candidate"] + weights["after"]))
    h = u * state + (1 - u) * candidate
    return h, h


def sequence(cell, weights, x, state, length):
    """Return the outputs [T, H] of one sample x [T, D], of which `length` steps count."""
    output, outputs = state[: weights["recurrent"].shape[0]], []
    for t in range(len(x)):
        if t < length:
            output, state = cell(weights, x[t], state)
        outputs.append(output)
    return np.array(outputs), state
