"""Networks in plain NumPy: layers that answer, of images [N, H, W, C] and rows [N, D]."""

import json
from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import TWINS, Part, softmax, twin
from rosenblatt.export.twins.views import changed

BATCH = 256  # images whose windows stand in memory at a time
VIEWS = 1 << 40  # as a step, for the draws of changed copies


@twin("features.scaling.Scaling")
def scaling(part: Part, images: np.ndarray) -> np.ndarray:
    """Return images [n, C, H, W] as [n, H, W, C], each channel on the scale that was learned."""
    return (images.transpose(0, 2, 3, 1).astype(np.float32) - part.shift) * part.factor


@twin("members.network.FittedNetwork")
def network_votes(part: Part, samples: np.ndarray) -> np.ndarray:
    """Return the probabilities of a network, or the mean of those of its snapshots."""
    images, kept = part.scaling(samples), part.snapshots or [part.network.weights]
    return np.sum([_views(part, images, one) for one in kept], 0) / np.float32(len(kept))


def _views(part: Part, images: np.ndarray, weights: dict) -> np.ndarray:
    """Return the mean probabilities over each image and changed copies of it."""
    total = probabilities(part.network, images, weights)
    how, views = part.member.augmentation, part.member.views
    if how is None:
        return total
    for view in range(1, views):
        total = total + probabilities(
            part.network, changed(how, images, part.seed, VIEWS + view), weights
        )
    return total / np.float32(views)


@twin("train.network.Network")
def network(part: Part, x: np.ndarray) -> np.ndarray:
    """Return the outputs of a network for x, batch by batch."""
    return outputs(part, x, part.weights)


def probabilities(part: Part, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return the softmax of the outputs of a network for x, by these weights."""
    return softmax(outputs(part, x, weights))


def outputs(part: Part, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return the outputs of a network for x, by these weights, batch by batch."""
    layers = json.loads(part.network)["layers"]
    return np.concatenate([
        run(layers, x[first : first + BATCH], weights, "layers.")
        for first in range(0, len(x), BATCH)
    ])  # fmt: skip


def run(layer: dict, x: Any, weights: dict, name: str) -> np.ndarray:
    """Return what a layer makes of x; its weights are those whose names begin with `name`."""
    own = {key[len(name) :]: array for key, array in weights.items() if key.startswith(name)}
    return TWINS[f"layers.{layer['type']}"](layer, x, own)


@twin("layers.Sequential")
def sequential(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    for place, one in enumerate(layer["layers"]):
        x = run(one, x, weights, f"{place}.")
    return x


@twin("layers.Residual")
def residual(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    branch = run(layer["branch"], x, weights, "branch.")
    return branch + run(layer["shortcut"], x, weights, "shortcut.")


@twin("layers.Concat")
def concat(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return what all branches make of x, side by side."""
    return np.concatenate([
        run(branch, x, weights, f"branches.{place}.")
        for place, branch in enumerate(layer["branches"])
    ], -1)  # fmt: skip


@twin("layers.Convolution")
def convolution(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return sums over windows of x, times weights [KH, KW, C, F]."""
    kernel = weights["weight"]
    if layer["padding"] == "same":
        rows, columns = (side // 2 for side in kernel.shape[:2])
        x = np.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], (1, 2))
    out = np.tensordot(windows, kernel, ((4, 5, 3), (0, 1, 2))) + weights["bias"]
    return np.maximum(out, 0) if layer["activation"] == "relu" else out


@twin("layers.BatchNormalisation")
def batch_normalisation(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    deviation = np.sqrt(weights["running_variance"] + np.float32(layer["epsilon"]))
    return (x - weights["running_mean"]) / deviation * weights["scale"] + weights["shift"]


@twin("layers.ReLU")
def relu(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    return np.maximum(x, 0)


@twin("layers.Scale")
def scale(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    return x * weights["scale"] + weights["shift"]


@twin("layers.Channels")
def channels(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    return x[..., layer["chosen"]]


@twin("layers.Periodic")
def periodic(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return cosines and sines of each number, by its own frequencies."""
    angle = np.float32(2 * np.pi) * (x[:, :, None] * weights["frequency"])
    return np.concatenate([np.cos(angle), np.sin(angle)], 2)


@twin("layers.MaxPooling")
def max_pooling(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return the largest of each square of pixels, side by side."""
    size, (N, H, W, C) = layer["size"], x.shape
    whole = x[:, : H // size * size, : W // size * size]
    return whole.reshape(N, H // size, size, W // size, size, C).max((2, 4))


@twin("layers.AveragePooling")
def average_pooling(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    """Return the mean of each square of pixels, side by side."""
    size, (N, H, W, C) = layer["size"], x.shape
    whole = x[:, : H // size * size, : W // size * size]
    return whole.reshape(N, H // size, size, W // size, size, C).mean((2, 4))


@twin("layers.GlobalAverage")
def global_average(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    return x.mean((1, 2))


@twin("layers.Flatten")
def flatten(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    return x.reshape(len(x), -1)


@twin("layers.Dropout")
def dropout(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    return x


@twin("layers.Dense")
def dense(layer: dict, x: np.ndarray, weights: dict) -> np.ndarray:
    out = x @ weights["weight"] + weights["bias"]
    return np.maximum(out, 0) if layer["activation"] == "relu" else out
