"""Rosenblatt as a contender."""

from collections.abc import Callable

import numpy as np

from rosenblatt.layers import (
    GELU,
    GRU,
    LSTM,
    BatchNormalisation,
    Convolution,
    Convolution1D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalAverage,
    GlobalAverage1D,
    LayerNormalisation,
    MaxPooling,
    MaxPooling1D,
    Module,
    MultiHeadAttention,
    Residual,
    Sequential,
)
from rosenblatt.train.batches import Batch
from rosenblatt.train.fit import train_step
from rosenblatt.train.network import Network
from rosenblatt.train.optimisers import SGD
from rosenblatt.train.plan import Plan, State
from rosenblatt.train.replay import Passes
from rosenblatt.train.schedules import Constant
from tests.benchmarks.nets import INFERENCE_BATCH, Net, find, samples


def _separable(filters: int) -> Module:
    depthwise = Convolution(filters, 3, padding=1, activation="relu", groups=filters)
    return Residual([depthwise, Convolution(filters, 1), BatchNormalisation()])


def _transformer(width: int, heads: int) -> Module:
    wide = [Dense(4 * width, initialiser="glorot_uniform"), GELU()]
    narrow = Dense(width, initialiser="glorot_uniform")
    attention = MultiHeadAttention(heads, causal=True)
    return Sequential([
        Residual([LayerNormalisation(), attention]),
        Residual([LayerNormalisation(), *wide, narrow]),
    ])  # fmt: skip


def network(net: Net) -> Network:
    makers = {
        "conv": lambda filters, size, padding, pooling: Convolution(
            filters, size, padding=padding, activation="relu", pooling=pooling
        ),
        "flatten": Flatten,
        "dense": lambda units, rectified: Dense(units, activation="relu" if rectified else None),
        "dropout": Dropout,
        "embedding": Embedding,
        "lstm": LSTM,
        "gru": GRU,
        "pool": lambda: MaxPooling(2),
        "separable": _separable,
        "average": GlobalAverage1D if len(net.shape) == 2 else GlobalAverage,
        "conv1d": lambda filters, size, padding: Convolution1D(
            filters, size, padding=padding, activation="relu"
        ),
        "pool1d": lambda: MaxPooling1D(2),
        "transformer": _transformer,
    }
    before = ["start"] + [kind for kind, *_ in net.layers]
    following = [kind for kind, *_ in net.layers[1:]] + ["end"]
    layers = []
    for last, (kind, *settings), then in zip(before, net.layers, following, strict=False):
        if kind == "conv":  # takes the pooling behind it in
            settings.append(2 if then == "pool" else None)
        if (last, kind) != ("conv", "pool"):
            layers.append(makers[kind](*settings))
    return Network(layers, net.shape)


def build(subject: str, mode: str, variant: str, threads: int) -> Callable[[], object]:
    net = find(subject)
    model = network(net)
    if mode == "infer":
        x, _ = samples(net, INFERENCE_BATCH)
        return lambda: model.outputs(x)
    plan = Plan(optimiser=SGD(momentum=0.9, nesterov=False), schedule=Constant(0.01), metric=None)
    state = State(
        optimiser=plan.optimiser, rng=np.random.default_rng(0), total_steps=1 << 62, total_epochs=1
    )
    inputs, labels = samples(net, net.batch)
    passes, batch = Passes(model), Batch((model.prepare(inputs),), labels)
    return lambda: train_step(passes, batch, plan, state)
