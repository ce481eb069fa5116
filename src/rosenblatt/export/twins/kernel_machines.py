"""Machines on sums of kernels in plain NumPy, and what brings rows to the scale of a kernel."""

from itertools import combinations
from typing import Any

import numpy as np

from rosenblatt.export.twins.machines import expansion, in_units, kernel_sums
from rosenblatt.export.twins.parts import Part, softmax, twin
from rosenblatt.export.twins.views import changed

SAMPLES = 1000  # images that are described, or rows that are compared, at a time


@twin("members.machines.FittedMachine")
def machine_votes(part: Part, samples: Any) -> np.ndarray:
    """Return the probabilities of the classes; of those that were not seen, 0."""
    found = part.calibration(part.score(samples))
    votes = np.zeros((len(found), part.classes), np.float32)
    votes[:, part.seen] = found
    return votes


@twin("members.machines.Calibration")
def calibrated(part: Part, scores: np.ndarray) -> np.ndarray:
    return softmax(scores / part.temperature + part.offsets)


@twin("members.machines.FittedValues")
def machine_values(part: Part, samples: Any) -> np.ndarray:
    return part.values(samples)


@twin("members.machines.Scores")
def described_scores(part: Part, samples: Any) -> np.ndarray:
    return for_classes(part.machine(part.describe(samples)))


def for_classes(scores: np.ndarray) -> np.ndarray:
    """Return scores [M, K], from [M, 1] of the second of two classes."""
    return scores if scores.shape[1] > 1 else np.hstack([-scores, scores])


@twin("members.kernel_machine._Scores")
def gram_scores(part: Part, samples: Any) -> np.ndarray:
    """Return a machine's scores of samples, those of their copies added."""
    scores = for_classes(part.machine(part.cross(samples)))
    return scores.reshape(part.copies, -1, scores.shape[1]).sum(0)


@twin("members.kernel_machine._Values")
def gram_values(part: Part, samples: Any) -> np.ndarray:
    """Return a machine's values of samples, the mean of those of their copies."""
    values = part.machine(part.cross(samples))
    return values.reshape(part.copies, -1, values.shape[1]).mean(0)


@twin("members.kernel_machine.Cross")
def cross(part: Part, samples: Any) -> np.ndarray:
    """Return the weighted sum of kernels of samples with the support, or what gamma makes of it."""
    new = part.scaling(samples)
    weights = part.weights.astype(np.float32)
    total = np.sum([w * term(new) for w, term in zip(weights, part.terms, strict=True)], 0)
    return exp_in_singles(-np.float32(part.gamma) * (1 - total)) if part.gamma else total


def exp_in_singles(x: np.ndarray) -> np.ndarray:
    """Return e^x of float32 with the digits of the training: 2^n times a polynomial of the rest."""
    x = np.maximum(x.astype(np.float32), np.float32(-105))
    n = np.rint(x * np.float32(1.4426950408889634))
    r = x - n * np.float32(0.693359375) - n * np.float32(-2.12194440e-4)
    p = np.full_like(r, 1.9875691500e-4)
    for term in (
        1.3981999507e-3,
        8.3334519073e-3,
        4.1665795894e-2,
        1.6666665459e-1,
        5.0000001201e-1,
    ):
        p = p * r + np.float32(term)
    return np.ldexp(p * (r * r) + r + np.float32(1), n.astype(np.int32))


@twin("features.terms.Comparison")
def comparison(part: Part, samples: Any) -> np.ndarray:
    """Return the kernel of samples with the support."""
    new = part.describe(samples)
    if not isinstance(new, np.ndarray):
        return part.kernel(new, part.rows)
    return np.concatenate([
        part.kernel(new[first : first + SAMPLES], part.rows)
        for first in range(0, len(new), SAMPLES)
    ])  # fmt: skip


@twin("features.terms._Blocks")
def described(part: Part, samples: Any) -> np.ndarray:
    """Return descriptions of samples, then those of the copies of images; of a table by name."""
    if isinstance(samples, dict):
        return part.describe(samples)
    copies = part.copies(samples)
    return np.concatenate([
        part.describe(copy[first : first + SAMPLES])
        for copy in copies
        for first in range(0, len(copy), SAMPLES)
    ])  # fmt: skip


@twin("features.virtual.Variants")
def variants(part: Part, samples: Any) -> list:
    """Return samples, then images moved to four sides, then all of them mirrored."""
    s, found = part.shift, [samples]
    if s:
        found += [moved(samples, *by) for by in ((s, 0), (-s, 0), (0, s), (0, -s))]
    return found + [images[:, :, ::-1] for images in found] if part.flip else found


def moved(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return images [N, H, W, C] moved by whole pixels; the edge's pixels fill the gap."""
    rows, columns = (np.arange(side) for side in images.shape[1:3])
    rows = np.clip(rows - down, 0, len(rows) - 1)
    return images[:, rows[:, None], np.clip(columns - right, 0, len(columns) - 1)]


@twin("features.terms.Root")
def root(part: Part, numbers: np.ndarray) -> np.ndarray:
    return np.sqrt(numbers)


@twin("features.whitening.Centred")
def centred(part: Part, rows: np.ndarray) -> np.ndarray:
    return (rows - part.mean) * np.float32(part.factor)


@twin("features.whitening.MeanSum")
def mean_sum(part: Part, rows: np.ndarray) -> np.ndarray:
    return rows * np.float32(part.factor)


@twin(
    "classic.kernel_ridge.KernelRidge",
    "classic.logistic.KernelLogisticRegression",
)
def least_squares(part: Part, rows: np.ndarray) -> np.ndarray:
    return expansion(part, rows)


@twin("classic.kernel_ridge.KernelRidgeRegressor")
def values_of_kernels(part: Part, rows: np.ndarray) -> np.ndarray:
    return in_units(part, kernel_sums(part, rows, np.zeros(len(part.unit_), np.float32)))


@twin("classic.svm.SVM")
def support_vectors(part: Part, rows: np.ndarray) -> np.ndarray:
    """Return the scores of classes; machines of pairs of classes vote, their margins break ties."""
    scores = expansion(part, rows)
    if scores.shape[1] == 1 or part.strategy == "one_versus_rest":
        return scores
    votes, margins = np.zeros((2, len(scores), len(part.classes_)), np.float32)
    for margin, (i, j) in zip(scores.T, combinations(range(len(part.classes_)), 2), strict=True):
        votes[:, i] += margin <= 0
        votes[:, j] += margin > 0
        margins[:, i] -= margin
        margins[:, j] += margin
    return votes + margins / (3 * (np.abs(margins) + 1))


@twin("classic.virtual_svm.VirtualSVM")
def virtual_support_vectors(part: Part, images: np.ndarray) -> np.ndarray:
    """Return the mean scores over images and changed copies of them."""
    copies = [images, *(changed(part.augmentation, images, 1, v) for v in range(part.views))]
    scores = [part.second_(part.scale_(part.describe(one))) for one in copies]
    return np.sum(scores, 0) / np.float32(len(copies))


@twin("members.virtual_svm._Together")
def together(part: Part, images: np.ndarray) -> np.ndarray:
    """Return descriptions side by side, each centred and times its weight."""
    return np.hstack([
        np.float32(weight) * scaled(describe(images)) for describe, scaled, weight in part.parts
    ])  # fmt: skip
