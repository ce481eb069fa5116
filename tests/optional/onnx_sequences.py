"""ONNX's nodes of sequences by our layers, added to those of onnx_nodes.py."""

import numpy as np

from rosenblatt import layers
from tests.optional.onnx_nodes import NODES, need, node, run

ORDER = {"LSTM": [0, 2, 1, 3], "GRU": [1, 0, 2], "RNN": [0]}  # ours, in ONNX's places
MADE = {"LSTM": layers.LSTM, "GRU": layers.GRU, "RNN": layers.Elman}


@node("LSTM", "GRU", "RNN")
def recurrent(attributes, inputs):
    """The outputs of all steps [T, directions, N, H] where they are asked for, else the last's."""
    kind, which = attributes["kind"], attributes["output"]
    x, weight, recurrence, bias, lengths, start, cell, peephole = (*inputs, *[None] * 8)[:8]
    need(peephole is None or not peephole.any(), "peepholes")
    need("activations" not in attributes and not attributes.get("clip"), "other activations")
    batchwise = attributes.get("layout", 0)
    x = x if batchwise else x.swapaxes(0, 1)
    T = x.shape[1]
    H, order, after = recurrence.shape[2], ORDER[kind], bool(attributes.get("linear_before_reset"))
    found = []
    for d, (w, u) in enumerate(zip(weight, recurrence, strict=True)):
        reverse = attributes.get("direction", b"forward") == b"reverse" or d == 1
        b = np.zeros(2 * len(w)) if bias is None else bias[d]
        first_bias, second_bias = (part.reshape(-1, H)[order] for part in np.split(b, 2))
        w, u = (part.reshape(-1, H, part.shape[1])[order] for part in (w, u))
        w, u = (np.concatenate([gate.T for gate in part], 1) for part in (w, u))
        parameters = {"weight": w, "recurrent": u, "bias": (first_bias + second_bias).reshape(-1)}
        settings = {"reset_after": after} if kind == "GRU" else {}
        if kind == "GRU":
            parameters |= {"recurrent": u[:, : 2 * H], "candidate": u[:, 2 * H :]}
        if after:
            parameters["candidate_bias"] = second_bias[2]
            parameters["bias"][2 * H :] = first_bias[2]
        states = [] if start is None else [start[:, d] if batchwise else start[d]]
        states += [] if cell is None else [cell[:, d] if batchwise else cell[d]]
        state = np.concatenate(states, 1) if states else None
        if kind == "LSTM" and len(states) == 1:
            state = np.concatenate([*states, np.zeros_like(states[0])], 1)
        mask = None if lengths is None else np.arange(T) < lengths[:, None]
        form = "sequence" if which == 0 else "last"
        layer = MADE[kind](H, output=form, reverse=reverse, **settings)
        found.append(run(layer, x, *([] if state is None and mask is None else [state, mask]),
                         **parameters))  # fmt: skip
    stacked = np.stack(found, 2 if which == 0 else 1)  # [N, T, directions, H], [N, directions, H]
    if batchwise:
        return stacked
    return stacked.transpose(1, 2, 0, 3) if which == 0 else stacked.swapaxes(0, 1)


for _kind in MADE:
    NODES[_kind] = lambda a, i, kind=_kind: recurrent(a | {"kind": kind}, i)


@node("Attention")
def attention(attributes, inputs):
    query, keys, values, mask, past_keys, past_values, lengths = (*inputs, *[None] * 7)[:7]
    for name in ("softcap", "left_window_size", "right_window_size"):
        need(attributes.get(name, 0) in (0, -1), name)
    need(query.dtype == np.float32, "other numbers")
    flat = query.ndim == 3
    heads, shared = ((attributes.get(f"{name}_num_heads") for name in ("q", "kv")) if flat
                     else (query.shape[1], keys.shape[1]))  # fmt: skip
    if flat:
        split = lambda x, n: x.reshape(*x.shape[:2], n, -1).swapaxes(1, 2)  # noqa: E731
        query, keys, values = split(query, heads), split(keys, shared), split(values, shared)
    before = 0 if past_keys is None else past_keys.shape[2]
    if before:
        keys, values = (
            np.concatenate([past_keys, keys], 2),
            np.concatenate([past_values, values], 2),
        )
    keys, values = (np.repeat(x, heads // shared, 1) for x in (keys, values))
    (N, _, T, _), S = query.shape, keys.shape[2]
    seen, bias = np.ones((N, heads, T, S), bool), None
    if lengths is not None:
        seen &= (np.arange(S) < lengths[:, None])[:, None, None]
    if attributes.get("is_causal"):
        offset = np.full(N, before) if lengths is None else lengths - T
        steps = np.arange(T)[:, None] + offset[:, None, None]
        seen &= (np.arange(S) <= steps)[:, None]
    if mask is not None:
        short = S - mask.shape[-1]
        closed = False if mask.dtype == bool else -np.inf
        mask = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, short)], constant_values=closed)
        if mask.dtype == bool:
            seen &= np.broadcast_to(mask, seen.shape)
        else:
            bias = np.broadcast_to(mask, seen.shape).astype(np.float64)
    joined = [x.swapaxes(1, 2).reshape(N, x.shape[2], -1) for x in (query, keys, values)]
    layer = layers.DotProductAttention(heads, scale=attributes.get("scale"))
    layer.build(tuple(x.shape[1:] for x in joined), None)
    y = layer(*(x.astype(np.float64) for x in joined), bias, seen)
    return y if flat else y.reshape(N, T, heads, -1).swapaxes(1, 2)
