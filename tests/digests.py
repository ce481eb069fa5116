"""Digests of what the program computes, floats and all, for runs that must give the same bits.

    python -m tests.digests THREADS PART ...

PART: final (the final recipe), shipped (every shipped recipe), machines (what learns and describes
beside them). All shortened, on small data made here. Prints "name digest" lines.
"""

import dataclasses
import hashlib
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt import pipeline
from rosenblatt.arrays import joined
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Recipe, quick, read_recipe
from rosenblatt.challenge.search import expected_improvement
from rosenblatt.challenge.shipped import shipped_recipes
from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.classic import (
    SVM,
    BoostedTreesClassifier,
    BoostedTreesRegressor,
    BudgetPerceptron,
    KernelLogisticRegression,
    KernelPCA,
    KernelRidge,
    LogisticRegression,
    Nystrom,
    RandomForestClassifier,
    RandomForestRegressor,
    Standardisation,
)
from rosenblatt.classic.calibration import BiasCorrectedTemperature, Platt, Temperature
from rosenblatt.classic.multiple_kernels import mkl_weights
from rosenblatt.errors import UserError
from rosenblatt.features import terms
from rosenblatt.features.alignment import LocalAlignment
from rosenblatt.features.association import on_retina
from rosenblatt.features.ckn import KernelNetworkTerm
from rosenblatt.features.combination import alignment_weights
from rosenblatt.features.fisher import Mixture, fisher_vectors
from rosenblatt.features.gram import Gaussian
from rosenblatt.features.graphs.compact import Graphs
from rosenblatt.features.hidden_markov import FisherKernel, HiddenMarkov
from rosenblatt.features.patches import PatchesTerm
from rosenblatt.features.scattering import Scattering
from rosenblatt.features.whitening import ZCA
from rosenblatt.members import Rows
from rosenblatt.models.decoding import log_softmax
from rosenblatt.models.random_field import MeanField
from rosenblatt.train import parallel
from rosenblatt.train.metric_losses import contrastive, triplet

ROOT = Path(__file__).parents[1]
SIDES = {"small_digits": (1, 8, 8), "images": (3, 32, 32)}  # of a recipe's name or its beginning
ROWS, ASKED = 24, 6


def digest(result: Any) -> str:
    """Return a digest of arrays and numbers, in tuples or lists or alone."""
    if isinstance(result, tuple | list):
        return hashlib.sha256("".join(map(digest, result)).encode()).hexdigest()
    return hashlib.sha256(np.ascontiguousarray(result).tobytes()).hexdigest()


def data_for(name: str, recipe: Recipe, rng: np.random.Generator) -> tuple[Any, Target]:
    """Return samples of the kind that a shipped recipe is for, ROWS + ASKED, and ROWS answers."""
    count = ROWS + ASKED
    shape = next((s for key, s in SIDES.items() if name.startswith(key)), (1, 28, 28))
    forms = (
        rng.random((count, *shape), dtype=np.float32) * 255,
        rng.integers(0, 4, (count, 30)).astype(np.uint8),
        _rings(count, rng),
        load_challenge(ROOT / "data" / "heart").train[:count].assign(text=_texts(count)),
        rng.random((count, 7), dtype=np.float32) * 10,
    )
    targets = Classes(np.arange(ROWS) % 3, ("a", "b", "c")), Values(rng.random((ROWS, 1)), ("v",))
    for target, samples in product(targets, forms):
        try:
            for member in recipe.members:
                member.suits(samples, target)
        except UserError:
            continue
        return samples, target
    raise AssertionError(f"{name}: no samples suit it")


def _texts(count: int) -> Any:
    import pandas as pd

    words = ["the", "patient", "has", "felt", "some", "pain", "while", "walking", "upstairs"]
    texts = [" ".join(words[row % 5 : row % 5 + 4]) for row in range(count)]
    return pd.array(texts, dtype="string")


def _rings(count: int, rng: np.random.Generator) -> Graphs:
    """Return rings of nine nodes with random labels of nodes and edges."""
    V = 9 * count
    place = np.arange(V) % 9
    around = np.sort(np.stack([(place + 1) % 9, (place - 1) % 9], 1), 1).reshape(-1)
    return Graphs(
        9 * np.arange(count + 1),
        rng.integers(0, 4, V),
        2 * np.arange(V + 1),
        around,
        np.zeros(2 * V, np.int64),
    )


def shortened(recipe: Recipe) -> Recipe:
    """Return a recipe of one epoch and one network of a kind, all its kernels, with few patches."""
    short = quick(recipe, 10_000)
    members = []
    for member, whole in zip(short.members, recipe.members, strict=True):
        kernels = [_smaller(term) for term in getattr(whole, "kernels", ())]
        members.append(dataclasses.replace(member, kernels=tuple(kernels)) if kernels else member)
    return dataclasses.replace(short, members=tuple(members))


def _smaller(term: Any) -> Any:
    if isinstance(term, PatchesTerm):
        return dataclasses.replace(term, count=12)
    if isinstance(term, KernelNetworkTerm):
        return dataclasses.replace(term, layers=((3, 6, 2), (3, 8, 3)))
    return term


def _votes(shared: Any, task: Any, advance: Any) -> str:
    rows, asked = shared
    known = joined(rows.samples, asked)
    fitted = task.member.fit(dataclasses.replace(rows, known=known), task.seed, advance)
    return digest(fitted.predict(asked))


def _members(
    name: str, recipe: Recipe, rows: Rows, asked: Any, threads: int
) -> Iterator[tuple[str, str]]:
    """Yield each member's digest, all threads on one after the other: the harder case."""
    for number, job in enumerate(pipeline.jobs(recipe)):
        yield f"{name}-{number}", parallel.run(_votes, (rows, asked), [job], threads)[0]


def final(threads: int) -> Iterator[tuple[str, str]]:
    """Yield the digests of the final recipe's members on the embedded challenge."""
    challenge = load_challenge(ROOT / "data" / "digits")
    recipe = quick(read_recipe(ROOT / "submissions" / "final.toml"), 100)
    rows = Rows(challenge.train[:96], challenge.target[:96], recipe.features.scale)
    yield from _members("final", recipe, rows, challenge.test[:40], threads)


def shipped(threads: int) -> Iterator[tuple[str, str]]:
    """Yield the digests of each shipped recipe's members."""
    for one in shipped_recipes():
        rng = np.random.default_rng(7)
        recipe = shortened(read_recipe(one.path))
        samples, target = data_for(one.path.stem, recipe, rng)
        rows = Rows(samples[:ROWS], target, recipe.features.scale)
        yield from _members(one.path.stem, recipe, rows, samples[ROWS:], threads)


def _cloud() -> tuple[np.ndarray, np.ndarray]:
    """Return rows [260, 12] in three classes."""
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 260)
    return (rng.random((3, 12))[labels] + rng.random((260, 12))).astype(np.float32), labels


def _field() -> list[np.ndarray]:
    """Return a random field's logits and gradients."""
    rng = np.random.default_rng(0)
    logits, image = (rng.random((1, 6, 5, 3), dtype=np.float32) for _ in range(2))
    field = MeanField(steps=2, reach=3)
    field.build(((6, 5, 3), (6, 5, 3)), rng)
    output, cache = field.forward(logits, image, train=True)
    d_logits, _ = field.backward(np.ones_like(output), cache, (True, False))
    assert d_logits is not None
    return [output, d_logits, field.compatibility.gradient]


def _machines() -> dict[str, Callable[[], Any]]:
    rng = np.random.default_rng(5)
    x, y = _cloud()
    images = rng.random((6, 16, 16, 1), dtype=np.float32)
    dna = rng.integers(0, 4, (9, 25)).astype(np.uint8)
    scores, draw = rng.random((50, 3)) * 4, np.random.default_rng
    grams = [Gaussian(gamma)(x[:90]) for gamma in (0.1, 1.0)]

    def mixture() -> Any:
        found, history = Mixture.fit(x, 4, draw(0), 5)
        return found.means, history, fisher_vectors(found, x.reshape(20, 13, 12))

    def markov() -> Any:
        model, history = HiddenMarkov.fit(dna, 3, draw(0), 4)
        return history, FisherKernel.fit(model, dna)(dna)

    return {
        "whitening": lambda: ZCA.fit(x, 0.1)(x),
        "standardisation": lambda: Standardisation().fit_transform(x),
        "mixture": mixture,
        "hidden markov": markov,
        "local alignment": lambda: LocalAlignment()(dna),
        "scattering": lambda: Scattering(2, 4)(images),
        "retina": lambda: on_retina(images, 5),
        "nystrom": lambda: Nystrom(Gaussian(0.3), components=70).fit_transform(x),
        "alignment weights": lambda: alignment_weights(grams, y[:90]),
        "multiple kernels": lambda: mkl_weights(grams, y[:90]),
        "logistic": lambda: LogisticRegression(epochs=40).fit(x, y).predict_proba(x),
        "kernel logistic": lambda: (
            KernelLogisticRegression(epochs=20).fit(x, y).decision_function(x)
        ),
        "ridge": lambda: KernelRidge().fit(x, y).decision_function(x),
        "boosted trees": lambda: (
            BoostedTreesClassifier(rounds=20, rate=0.3).fit(x, y).decision_function(x)
        ),
        "boosted values": lambda: (
            BoostedTreesRegressor(leaves=4).fit(x[:80], x[:80, :2]).predict(x)
        ),
        "forest": lambda: RandomForestClassifier(trees=9).fit(x, y).predict_proba(x),
        "forest values": lambda: RandomForestRegressor(trees=9).fit(x, x[:, 0]).out_of_bag_,
        "svm": lambda: (machine := SVM().fit(x, y)).decision_function(x) + machine.objective_[0],
        "budget perceptron": lambda: BudgetPerceptron(budget=40).fit(x, y).decision_function(x),
        "kernel pca": lambda: KernelPCA(components=90).fit(x).transform(x),
        "leading kernel pca": lambda: KernelPCA(components=10).fit(x).transform(x),
        "platt": lambda: Platt.fit(scores[:, 0], np.arange(50) % 2)(scores[:, 0]),
        "temperature": lambda: Temperature.fit(scores, np.arange(50) % 3)(scores),
        "bias-corrected": lambda: BiasCorrectedTemperature.fit(scores, scores.argmax(1))(scores),
        "search": lambda: expected_improvement(scores[:9], scores[:9, 0], scores),
        "log-softmax": lambda: log_softmax(scores),
        "contrastive": lambda: contrastive(x[:30], y[:30]),
        "triplet": lambda: triplet(x[:30], y[:30]),
        "random field": _field,
    }


def others(threads: int) -> Iterator[tuple[str, str]]:
    """Yield the digests of what learns and describes beside the shipped recipes."""
    for name, compute in _machines().items():
        yield name.replace(" ", "-"), digest(compute())


PARTS = {"final": final, "shipped": shipped, "machines": others}


def main() -> None:
    """Print the digests of the parts that are asked for."""
    warnings.simplefilter("ignore")  # shortened trainings do not reach their ends
    threads = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:  # an earlier run's Gram matrices do not count
        terms.cache_folder = lambda: Path(folder)
        for part in sys.argv[2:]:
            for name, found in PARTS[part](threads):
                print(name, found, flush=True)


if __name__ == "__main__":
    main()
