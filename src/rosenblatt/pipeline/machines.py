"""Kernel machines as members of a recipe: the Gram matrices of their terms, weights, and votes."""

import dataclasses
from collections.abc import Callable

import numpy as np

from rosenblatt.cache import cache_folder
from rosenblatt.challenge.machines import (
    HiddenMarkovTerm,
    KernelMachineMember,
    RowTerm,
    SequenceTerm,
    Term,
    VirtualSVMMember,
)
from rosenblatt.classic import SVM, KernelRidgeClassifier, VirtualSVM
from rosenblatt.classic.calibration import Temperature
from rosenblatt.classic.inputs import encode_labels
from rosenblatt.classic.multiple_kernels import mkl_weights
from rosenblatt.data.folds import stratified_folds
from rosenblatt.errors import UserError
from rosenblatt.features.combination import alignment_weights
from rosenblatt.features.gram import Gaussian
from rosenblatt.features.scaling import Scaling
from rosenblatt.features.stored import Stored
from rosenblatt.features.whitening import Centred
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.kernels.similarity.gram import exponential
from rosenblatt.pipeline.rows import Rows

FOLDS = 5  # of the training rows, to choose among costs and to calibrate
ENOUGH = 500  # rows for the one number of a calibration
BLOCK = 1000  # images that are described at a time

Member = KernelMachineMember | VirtualSVMMember
Machine = SVM | KernelRidgeClassifier | VirtualSVM
Pair = tuple[np.ndarray, np.ndarray]  # Gram matrices: training rows with themselves; others' with
Scores = tuple[np.ndarray, float]  # of the rows to predict, [M, k]; their temperature


def machine_votes(member: Member, seed: int, scale: str, rows: Rows) -> np.ndarray:
    """Return a machine's votes for rows.test, [M, K] float32: its probabilities.

    They are the softmax of its scores by a temperature, which is learned from a fold of the
    training rows and a machine that has not seen them; it changes no decision. Where the challenge
    has several sets, each has a machine of its own. scale: as in Features, for images. Raises
    UserError where a term does not suit the samples, or a set has one class only.
    """
    out = np.zeros((len(rows.test), rows.classes), np.float32)
    if rows.train_sets is None or rows.test_sets is None:
        _fill(member, seed, _scaled(rows, scale), out)
        return out
    for number in np.unique(rows.test_sets):
        inside, asked = rows.train_sets == number, rows.test_sets == number
        part = Rows(rows.train[inside], rows.labels[inside], rows.test[asked], rows.classes)
        if len(np.unique(part.labels)) < 2:
            raise UserError(
                f"set {number} (counted from 0) has training labels of one class at most; there is "
                "nothing to tell apart. Give it rows of two classes, or take more rows of each."
            )
        votes = np.zeros((len(part.test), rows.classes), np.float32)
        _fill(member, seed, _scaled(part, scale), votes)
        out[asked] = votes
    return out


def _scaled(rows: Rows, scale: str) -> Rows:
    """Return the rows with images [N, C, H, W] as [N, H, W, C], scaled by what trains them."""
    if rows.train.ndim != 4:
        return rows
    scaling = Scaling.fit(rows.train, scale)
    return dataclasses.replace(rows, train=scaling(rows.train), test=scaling(rows.test))


def _fill(member: Member, seed: int, rows: Rows, out: np.ndarray) -> None:
    """Learn from one set, and write the votes for rows.test to the columns of its classes."""
    classes, _ = encode_labels(rows.labels, len(rows.labels))  # raises where there is one alone
    folds = min(FOLDS, len(rows.labels))
    fold = stratified_folds(rows.labels, folds, np.random.default_rng(seed))
    if isinstance(member, VirtualSVMMember):
        scores, temperature = _virtual_scores(member, seed, rows, fold)
    else:
        scores, temperature = _machine_scores(member, seed, rows, fold)
    votes = np.empty((len(scores), len(classes)), np.float32)
    softmax(np.ascontiguousarray(scores / np.float32(temperature), np.float32), votes)
    out[:, classes] = votes


def _temperature(
    labels: np.ndarray, fold: np.ndarray, score: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> float:
    """Return the temperature that makes scores probabilities, 1 where no row can be held out.

    score(inside, held) gives the scores of held rows by a machine learned from those inside. Folds
    are held out until ENOUGH rows are scored.
    """
    classes, places = np.unique(labels, return_inverse=True)
    scores: list[np.ndarray] = []
    truth: list[np.ndarray] = []
    for k in np.unique(fold):
        inside, held = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        whole = len(np.unique(labels[inside])) == len(classes)
        if whole and sum(part.size for part in truth) < ENOUGH:
            scores.append(score(inside, held))
            truth.append(places[held])
    if not truth:
        return 1.0
    return Temperature.fit(np.concatenate(scores), np.concatenate(truth)).temperature


def _virtual_scores(member: VirtualSVMMember, seed: int, rows: Rows, fold: np.ndarray) -> Scores:
    def score(inside: np.ndarray, asked: np.ndarray) -> np.ndarray:
        images = rows.train[inside]
        machine = _virtual(member, seed, images).fit(images, rows.labels[inside])
        return _columns(machine.decision_function(asked))

    temperature = _temperature(rows.labels, fold, lambda a, b: score(a, rows.train[b]))
    return score(np.arange(len(rows.train)), rows.test), temperature


def _virtual(member: VirtualSVMMember, seed: int, images: np.ndarray) -> VirtualSVM:
    parts = []
    for term in member.kernels:
        assert isinstance(term, RowTerm)
        describe = term.describe(images, seed)
        parts.append((describe, Centred.fit(describe(images)), np.sqrt(np.float32(term.weight))))

    def together(new: np.ndarray) -> np.ndarray:
        return np.hstack([weight * centred(describe(new)) for describe, centred, weight in parts])

    return VirtualSVM(
        together, member.augmentation, member.copies, member.views, member.gamma, member.cost
    )


def _machine_scores(member: KernelMachineMember, seed: int, rows: Rows, fold: np.ndarray) -> Scores:
    pairs = [_pair(term, seed, rows, member.flip) for term in member.kernels]
    copies = 2 if member.flip else 1
    labels = np.tile(rows.labels, copies)
    weights = _weights(member, pairs, labels)
    gram, cross = (_sum(weights, [pair[side] for pair in pairs]) for side in (0, 1))
    if member.gamma:
        for block in (gram, cross):
            exponential(np.subtract(1, block, out=block), np.float32(member.gamma))
    make = _machine(member, gram, labels, np.tile(fold, copies))

    def score(machine: Machine, cross: np.ndarray) -> np.ndarray:
        found = _columns(machine.decision_function(cross))
        return found.reshape(copies, -1, found.shape[1]).sum(0)

    def score_held(inside: np.ndarray, held: np.ndarray) -> np.ndarray:
        inside, held = (_with_copies(part, len(fold), copies) for part in (inside, held))
        machine = make().fit(gram[np.ix_(inside, inside)], labels[inside])
        return score(machine, gram[np.ix_(held, inside)])

    temperature = _temperature(rows.labels, fold, score_held)
    return score(make().fit(gram, labels), cross), temperature


def _columns(scores: np.ndarray) -> np.ndarray:
    """Return scores [M, K], from [M] of the second of two classes."""
    return np.stack([-scores, scores], 1) if scores.ndim == 1 else scores


def _with_copies(rows: np.ndarray, count: int, copies: int) -> np.ndarray:
    """Return the indices of rows and of their copies, which lie `count` apart."""
    return np.concatenate([rows + copy * count for copy in range(copies)])


def _weights(member: KernelMachineMember, pairs: list[Pair], labels: np.ndarray) -> np.ndarray:
    given = np.array([term.weight for term in member.kernels])
    if member.weights == "given":
        return given / given.sum()
    grams = [gram for gram, _ in pairs]
    if member.weights == "alignment":
        return alignment_weights(grams, labels)
    return mkl_weights(grams, labels, member.costs[0])


def _sum(weights: np.ndarray, grams: list[np.ndarray]) -> np.ndarray:
    total = np.zeros(grams[0].shape, np.float32)
    for weight, gram in zip(weights, grams, strict=True):
        total += np.float32(weight) * gram
    return total


def _machine(
    member: KernelMachineMember, gram: np.ndarray, labels: np.ndarray, fold: np.ndarray
) -> Callable[[], Machine]:
    """Return what makes the machine to fit, with the cost of the fewest errors over the folds."""
    if member.machine == "ridge":
        return lambda: KernelRidgeClassifier("precomputed")
    if len(member.costs) == 1:
        return lambda: _svm(member.costs[0])
    errors = np.zeros(len(member.costs), np.int64)
    for k in np.unique(fold):
        inside, held = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        if len(np.unique(labels[inside])) > 1:
            train, asked = gram[np.ix_(inside, inside)], gram[np.ix_(held, inside)]
            for place, cost in enumerate(member.costs):
                guess = _svm(cost).fit(train, labels[inside]).predict(asked)
                errors[place] += np.sum(guess != labels[held])
    return lambda: _svm(member.costs[int(errors.argmin())])


def _svm(cost: float) -> SVM:
    return SVM("precomputed", cost=cost, strategy="one_versus_rest")


def _pair(term: Term, seed: int, rows: Rows, flip: bool) -> Pair:
    """Return a term's Gram matrices [n, n] and [m, n]; with `flip` n and m are doubled."""
    if isinstance(term, HiddenMarkovTerm):
        kernel = term.learn(rows.train, seed)
        return kernel(rows.train), kernel(rows.test, rows.train)
    if isinstance(term, SequenceTerm):
        return _sequence_pair(term, rows)
    describe = term.describe(rows.train, seed)
    train, test = (_described(describe, samples, flip) for samples in (rows.train, rows.test))
    centred = Centred.fit(train)
    train, test = centred(train), centred(test)
    gaussian = Gaussian(term.gamma)
    return gaussian(train), gaussian(test, train)


def _sequence_pair(term: SequenceTerm, rows: Rows) -> Pair:
    """Return the Gram matrices of sequences, as parts of the one of all of them.

    That one is the same for all ways to split the rows, so it is computed once and kept.
    """
    stacked = np.concatenate([rows.train, rows.test])
    every, place = np.unique(stacked, axis=0, return_inverse=True)
    gram = Stored(term.kernel(), cache_folder() / "grams")(every)
    train, test = np.split(place.reshape(-1), [len(rows.train)])
    return gram[np.ix_(train, train)], gram[np.ix_(test, train)]


def _described(
    describe: Callable[[np.ndarray], np.ndarray], samples: np.ndarray, flip: bool
) -> np.ndarray:
    """Return the descriptions [n, D] of samples, then those of their mirror images."""
    kinds = [samples, samples[:, :, ::-1]] if flip and samples.ndim == 4 else [samples]
    return np.concatenate(
        [
            np.asarray(describe(kind[first : first + BLOCK]), np.float32)
            for kind in kinds
            for first in range(0, len(kind), BLOCK)
        ]
    )
