"""ONNX's nodes by our layers: for each operator, its attributes as ours, its arrays as ours.

ONNX has channels first, weights [F, C / groups, H, W]; ours are [H, W, C / groups, F], and channels
stand last. A function takes (attributes, inputs) and returns the first output.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt import layers
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import cross_entropy

NODES: dict[str, Callable[[dict[str, Any], list[Any]], np.ndarray]] = {}


class InexpressibleError(Exception):
    """No layer of ours does what the node asks for."""


def need(condition: bool, what: str) -> None:
    if not condition:
        raise InexpressibleError(what)


def node(*names):
    def register(function):
        NODES.update(dict.fromkeys(names, function))
        return function

    return register


def run(layer, *inputs, train=False, **parameters):
    """Return a layer's output for inputs as they come, its parameters set by name."""
    inputs = [None if x is None else np.ascontiguousarray(x) for x in inputs]
    shapes = tuple(x.shape[1:] for x in inputs if x is not None)
    layer.build(shapes[0] if len(shapes) == 1 else shapes, np.random.default_rng(0))
    layer.cast(np.float64)
    for name, value in parameters.items():
        if value is not None:
            getattr(layer, name).value[...] = value
    inputs = [x.astype(np.float64) if x is not None and x.dtype.kind == "f" else x for x in inputs]
    with Tape(train=train):
        return np.array(layer(*(x if x is None else Variable(x) for x in inputs)).value)


def last(x):
    """Return x with its channels last."""
    return np.moveaxis(x, 1, -1)


def first(y):
    return np.moveaxis(y, -1, 1)


def images(x):
    """Return images [N, H, W, C] of [N, C, H, W], or of sequences [N, C, T], as of one row."""
    need(x.ndim in (3, 4), f"{x.ndim - 2} axes")
    return last(x if x.ndim == 4 else x[:, :, None])


def windows(attributes, sides, kernel):
    """Return (kernel, stride, padding, dilation) of rows and columns."""
    axes = len(kernel)
    need(axes in (1, 2), f"{axes} axes")
    strides = attributes.get("strides", [1] * axes)
    dilations = attributes.get("dilations", [1] * axes)
    pads = attributes.get("pads", [0] * (2 * axes))
    auto = attributes.get("auto_pad", b"NOTSET").decode()
    borders = [(pads[i], pads[i + axes]) for i in range(axes)]
    if auto.startswith("SAME"):
        borders = []
        for side, size, stride, step in zip(sides, kernel, strides, dilations, strict=True):
            total = max(0, (-(-side // stride) - 1) * stride + step * (size - 1) + 1 - side)
            small, large = total // 2, total - total // 2
            borders.append((small, large) if auto == "SAME_UPPER" else (large, small))
    rows = [(1, 1, (0, 0), 1)] if axes == 1 else []
    rows += list(zip(kernel, strides, borders, dilations, strict=True))
    return [[int(one) if np.ndim(one) == 0 else tuple(map(int, one)) for one in column]
            for column in zip(*rows, strict=True)]  # fmt: skip


def of_form(y, x):
    """Return images as ONNX has them, sequences where x are."""
    y = first(y)
    return y[:, :, 0] if x.ndim == 3 else y


@node("Conv")
def convolution(attributes, inputs):
    x, weight, bias = (*inputs, None)[:3]
    kernel, stride, padding, dilation = windows(attributes, x.shape[2:], weight.shape[2:])
    layer = layers.Convolution(
        len(weight), kernel, stride, padding,
        dilation=dilation, groups=attributes.get("group", 1),
    )  # fmt: skip
    flat = weight if weight.ndim == 4 else weight[:, :, None]
    return of_form(run(layer, images(x), weight=flat.transpose(2, 3, 1, 0), bias=bias), x)


@node("ConvTranspose")
def transposed_convolution(attributes, inputs):
    x, weight, bias = (*inputs, None)[:3]
    groups, axes = attributes.get("group", 1), weight.ndim - 2
    auto = attributes.get("auto_pad", b"NOTSET").decode()
    kernel, stride, padding, dilation = windows(
        attributes | {"auto_pad": b"NOTSET"}, x.shape[2:], weight.shape[2:]
    )
    more = [0] * (2 - axes) + list(attributes.get("output_padding", [0] * axes))
    wanted = attributes.get("output_shape")
    if auto.startswith("SAME"):
        wanted = [side * s for side, s in zip(x.shape[2:], stride[2 - axes :], strict=True)]
    for i in range(len(wanted or ())):  # the padding is what is too much
        at = i + 2 - axes
        full = stride[at] * (x.shape[2 + i] - 1) + dilation[at] * (kernel[at] - 1) + 1 + more[at]
        small, large = (full - wanted[i]) // 2, (full - wanted[i] + 1) // 2
        if full < wanted[i]:
            more[at], small, large = more[at] + wanted[i] - full, 0, 0
        padding[at] = (small, large) if auto == "SAME_UPPER" else (large, small)
    need(all(m < s for m, s in zip(more, stride, strict=True)), "output padding of a stride")
    layer = layers.TransposedConvolution(
        weight.shape[1] * groups, kernel, stride, padding,
        output_padding=more, dilation=dilation, groups=groups,
    )  # fmt: skip
    flat = weight if weight.ndim == 4 else weight[:, :, None]
    return of_form(run(layer, images(x), weight=flat.transpose(2, 3, 1, 0), bias=bias), x)


@node("MaxPool", "AveragePool")
def pooling(attributes, inputs):
    (x,) = inputs
    size, stride, padding, dilation = windows(attributes, x.shape[2:], attributes["kernel_shape"])
    settings = {"dilation": dilation, "ceil_mode": bool(attributes.get("ceil_mode", 0))}
    if "count" in attributes:
        settings["count_include_pad"] = bool(attributes["count"])
    make = layers.AveragePooling if "count" in attributes else layers.MaxPooling
    return of_form(run(make(size, stride, padding, **settings), images(x)), x)


def average_pooling(attributes, inputs):
    count = attributes.get("count_include_pad", 0)
    return pooling(attributes | {"count": count}, inputs)


NODES["AveragePool"] = average_pooling


@node("GlobalAveragePool", "GlobalMaxPool")
def global_average(attributes, inputs):
    return run(layers.GlobalAverage(), images(inputs[0]))[:, :, None, None]


def global_maximum(attributes, inputs):
    (x,) = inputs
    return of_form(run(layers.MaxPooling(x.shape[2:]), images(x)), x)


NODES["GlobalMaxPool"] = global_maximum


@node("MaxUnpool")
def unpooling(attributes, inputs):
    raise InexpressibleError("ours takes the maps, not the places of their maxima")


@node("BatchNormalization")
def batch_normalisation(attributes, inputs):
    x, scale, shift, mean, variance = inputs
    layer = layers.BatchNormalisation(epsilon=attributes.get("epsilon", 1e-5))
    y = run(
        layer, last(x), train=bool(attributes.get("training_mode", 0)), scale=scale, shift=shift,
        running_mean=mean, running_variance=variance,
    )  # fmt: skip
    return first(y)


@node("LayerNormalization", "RMSNormalization")
def layer_normalisation(attributes, inputs):
    x, scale, shift = (*inputs, None)[:3]
    axis = attributes.get("axis", -1) % x.ndim
    make = layers.LayerNormalisation if attributes["centred"] else layers.RMSNormalisation
    layer = make(attributes.get("epsilon", 1e-5), axes=x.ndim - axis)
    parameters = {"scale": scale.reshape(-1)}
    if shift is not None:
        parameters["shift"] = shift.reshape(-1)
    return run(layer, x[None], **parameters)[0]


NODES["LayerNormalization"] = lambda a, i: layer_normalisation(a | {"centred": True}, i)
NODES["RMSNormalization"] = lambda a, i: layer_normalisation(a | {"centred": False}, i)


@node("GroupNormalization", "InstanceNormalization")
def group_normalisation(attributes, inputs):
    x, scale, shift = inputs
    groups = attributes.get("num_groups", x.shape[1])
    need(len(scale) == x.shape[1], "scales of groups")
    layer = layers.GroupNormalisation(groups, attributes.get("epsilon", 1e-5))
    return first(run(layer, last(x), scale=scale, shift=shift))


@node("LRN")
def response(attributes, inputs):
    size = attributes["size"]
    layer = layers.LocalResponseNormalisation(
        size, attributes.get("alpha", 1e-4) / size, attributes.get("beta", 0.75),
        attributes.get("bias", 1.0),
    )  # fmt: skip
    return first(run(layer, last(inputs[0])))


ACTIVATIONS = {
    "Relu": lambda a: layers.ReLU(),
    "Sigmoid": lambda a: layers.Sigmoid(),
    "Tanh": lambda a: layers.Tanh(),
    "Softplus": lambda a: layers.Softplus(),
    "LeakyRelu": lambda a: layers.LeakyReLU(a.get("alpha", 0.01)),
    "Elu": lambda a: layers.ELU(a.get("alpha", 1.0)),
    "HardSigmoid": lambda a: layers.HardSigmoid(a.get("alpha", 0.2), a.get("beta", 0.5)),
    "Gelu": lambda a: layers.GELU(a.get("approximate", b"none") == b"tanh"),
    "Swish": lambda a: layers.SiLU(),
}
for _name, _make in ACTIVATIONS.items():
    NODES[_name] = lambda a, i, make=_make: run(make(a), i[0][None])[0]


@node("PRelu")
def prelu(attributes, inputs):
    """Each place has its slope; one slope a channel is told so by its size, in the oldest form."""
    x, slope = inputs
    if slope.ndim == 1 and slope.size == x.shape[1] != x.shape[-1]:
        slope = slope.reshape(-1, *[1] * (x.ndim - 2))
    slopes = np.broadcast_to(slope, x.shape).reshape(-1)
    return run(layers.PReLU(), x.reshape(1, -1), slopes=slopes).reshape(x.shape)


@node("Gemm", "MatMul")
def dense(attributes, inputs):
    a, b, c = (*inputs, None)[:3]
    a, b = (x.T if attributes.get(name) else x for x, name in ((a, "transA"), (b, "transB")))
    need(b.ndim == 2 and a.ndim > 1, "weights of each sample")
    scaled = attributes.get("alpha", 1.0) * b
    start = np.zeros((1, b.shape[1])) if c is None else attributes.get("beta", 1.0) * c
    start = np.broadcast_to(start, (*a.shape[:-1], b.shape[1])).reshape(-1, b.shape[1])
    need(bool((start == start[0]).all()), "a bias of each sample")
    return run(layers.Dense(b.shape[1]), a, weight=scaled, bias=start[0])


@node("Add", "Sum")
def add(attributes, inputs):
    need(all(x.shape == inputs[0].shape for x in inputs), "shapes that differ")
    need(inputs[0].dtype.kind == "f", "whole numbers")
    total = inputs[0]
    for x in inputs[1:]:
        total = run(layers.Add(), total[None], x[None])[0]
    return total


@node("Concat")
def concatenate(attributes, inputs):
    axis = attributes["axis"] % inputs[0].ndim
    joined = run(layers.Concatenate(), *(np.moveaxis(x, axis, -1)[None] for x in inputs))
    return np.moveaxis(joined[0], -1, axis)


@node("Flatten")
def flatten(attributes, inputs):
    (x,) = inputs
    axis = attributes.get("axis", 1)
    need(axis % x.ndim == 1, "another axis than the batch's end")
    return run(layers.Flatten(), x)


@node("Gather")
def embedding(attributes, inputs):
    table, indices = inputs
    need(attributes.get("axis", 0) == 0 and table.ndim == 2, "other axes than rows")
    need(bool((indices >= 0).all()), "indices from the end")
    layer = layers.Embedding(len(table), table.shape[1])
    return run(layer, indices.reshape(1, -1), weight=table)[0].reshape(*indices.shape, -1)


@node("Dropout")
def dropout(attributes, inputs):
    need(len(inputs) < 3 or not inputs[2], "ONNX's own draws")
    return run(layers.Dropout(attributes.get("ratio", 0.5)), inputs[0][None])[0]


@node("Softmax", "LogSoftmax")
def softmax(attributes, inputs):
    """By the loss: with weight 1 on each class in turn, it is -log p."""
    (x,) = inputs
    axis = attributes.get("axis", -1)
    logits = np.moveaxis(x, axis, -1).astype(np.float64)
    gradient = cross_entropy(logits, np.eye(logits.shape[-1])[np.zeros(logits.shape[:-1], int)])[1]
    rows = logits[..., 0].size
    return np.moveaxis(gradient * rows + np.eye(logits.shape[-1])[0], -1, axis)


NODES["LogSoftmax"] = lambda a, i: np.log(softmax(a, i))


@node("SoftmaxCrossEntropyLoss")
def loss(attributes, inputs):
    scores, labels, weights = (*inputs, None)[:3]
    need(attributes.get("reduction", b"mean") == b"mean", "other reductions than the mean")
    ignored = attributes.get("ignore_index")
    return np.float64(
        cross_entropy(
            last(scores).astype(np.float64), labels, class_weights=weights, ignored=ignored
        )[0]
    )


@node("Resize", "Upsample")
def up_sampling(attributes, inputs):
    x, scales = inputs[0], inputs[2] if len(inputs) > 2 else inputs[-1]
    need(len(inputs) < 4 and scales is not None and scales.size == 4, "a size, or axes")
    need(attributes.get("mode", b"nearest") == b"nearest", "interpolation")
    factors = [int(s) for s in scales]
    need(factors == scales.tolist() and factors[:2] == [1, 1], "fractions")
    return first(run(layers.UpSampling(factors[2:]), last(x)))
