"""Kernel machines beside scikit-learn and plain NumPy, and their scores on real challenges.

    python -m tests.benchmarks.bench_kernel_machines speed [--json FILE]
    python -m tests.benchmarks.bench_kernel_machines score FOLDER [--folds N] [--json FILE]

Rivals are measured where they are installed, and left out where they are not. A time is the best
of a few, of a first run that compiles nothing.
"""

import argparse
import json
import platform
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.classic import SVM, KernelPCA, VirtualSVM
from rosenblatt.data.folds import stratified_folds
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.gram import Gaussian, Normalised
from rosenblatt.features.hog import HOG
from rosenblatt.features.strings import Gapped, Mismatch, Spectrum

try:
    from sklearn.decomposition import KernelPCA as TheirPCA
    from sklearn.metrics.pairwise import rbf_kernel
    from sklearn.svm import SVC
except ImportError:
    rbf_kernel = SVC = TheirPCA = None

RUNS = 3


def best(run: Callable[[], object], runs: int = RUNS) -> float:
    """Return the shortest of a few times, in seconds."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def blobs(rows: int, columns: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return sparse rows like those of digits, in ten classes that overlap."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(1).random((10, columns)) * (rng.random(columns) < 0.3)
    labels = rng.integers(0, 10, rows)
    x = centres[labels] + 0.4 * rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.3)
    return x.astype(np.float32), labels


def numpy_gaussian(x: np.ndarray, gamma: float) -> np.ndarray:
    """Return the Gaussian Gram matrix as a careful NumPy user writes it."""
    norms = np.einsum("nd,nd->n", x, x)
    gram = x @ x.T
    gram *= 2
    gram -= norms[:, None]
    gram -= norms
    gram *= gamma
    return np.exp(gram, out=gram)


def speed_of_gram() -> dict[str, dict[str, float]]:
    """Return the seconds of a Gaussian Gram matrix at both sizes of the issue."""
    found = {}
    for rows, columns in ((5000, 784), (10_000, 5000)):
        x, _ = blobs(rows, columns)
        gamma = 1 / columns
        times = {"ours": best(lambda x=x, g=gamma: Gaussian(g)(x)),
                 "numpy": best(lambda x=x, g=gamma: numpy_gaussian(x, g))}  # fmt: skip
        if rbf_kernel is not None:
            times["scikit-learn"] = best(lambda x=x, g=gamma: rbf_kernel(x, gamma=g))
        found[f"Gaussian Gram {rows} x {columns}"] = times
    return found


def speed_of_machines() -> dict[str, dict[str, float]]:
    """Return the seconds of fitting and 10,000 predictions of an SVM and of kernel PCA."""
    (x, y), (new, _) = blobs(5000, 784), blobs(10_000, 784, seed=2)
    gamma = 0.02
    SVM(cost=10, gamma=gamma).fit(x[:200], y[:200]).predict(new[:10])
    svm = {"ours": best(lambda: SVM(cost=10, gamma=gamma).fit(x, y).predict(new))}
    pca = {"ours": best(lambda: KernelPCA(gamma=gamma, components=100).fit(x).transform(new), 1)}
    if SVC is not None:
        svm["scikit-learn"] = best(lambda: SVC(C=10, gamma=gamma).fit(x, y).predict(new), 1)
        theirs = TheirPCA(100, kernel="rbf", gamma=gamma)
        pca["scikit-learn"] = best(lambda: theirs.fit(x).transform(new), 1)
    return {"SVM 5000, predict 10000": svm, "kernel PCA 5000, transform 10000": pca}


def speed_of_strings() -> dict[str, dict[str, float]]:
    """Return the seconds of string kernels of 3,000 sequences of 101 letters."""
    x = np.random.default_rng(0).integers(0, 4, (3000, 101)).astype(np.uint8)
    kernels = Spectrum(6), Mismatch(8, mismatches=1), Gapped(10, True, 6)
    for kernel in kernels:
        kernel(x[:10])
    return {repr(kernel): {"ours": best(lambda k=kernel: k(x), 1)} for kernel in kernels}


def score_of_digits(challenge: Challenge, folds: int) -> list[float]:
    """Return the accuracy of each fold, by virtual support vectors on oriented gradients."""
    images = challenge.train.transpose(0, 2, 3, 1) / challenge.train.max()
    fold = stratified_folds(challenge.labels, folds, np.random.default_rng(0))
    describe = HOG((4, 7, 14), 12, signed=True)
    changes = Augmentation(shift=1.5, rotation=12, scale=0.12, shear=0.15)
    found = []
    for k in range(folds):
        inside = fold != k
        machine = VirtualSVM(describe, changes).fit(images[inside], challenge.labels[inside])
        found.append(float(np.mean(machine.predict(images[~inside]) == challenge.labels[~inside])))
        print(f"fold {k + 1}/{folds}: {found[-1]:.4f}", flush=True)
    return found


def score_of_sequences(challenge: Challenge, folds: int) -> list[float]:
    """Return the accuracy of each fold and set, by gapped words on both strands and an SVM."""
    found = []
    for number in np.unique(challenge.train_sets):
        rows = challenge.train_sets == number
        labels = challenge.labels[rows]
        gram = Normalised(Gapped(10, True, 6))(challenge.train[rows])
        fold = stratified_folds(labels, folds, np.random.default_rng(0))
        for k in range(folds):
            inside, outside = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            machine = SVM("precomputed", cost=1).fit(gram[np.ix_(inside, inside)], labels[inside])
            guess = machine.predict(np.ascontiguousarray(gram[np.ix_(outside, inside)]))
            found.append(float(np.mean(guess == labels[outside])))
        print(f"set {number}: {np.mean(found[-folds:]):.4f}", flush=True)
    return found


def main() -> None:
    """Print and keep what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speed", "score"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    start = time.perf_counter()
    if arguments.what == "speed":
        results: dict = {}
        for measure in (speed_of_gram, speed_of_machines, speed_of_strings):
            for name, times in measure().items():
                results[name] = times
                print(name, {who: round(t, 3) for who, t in times.items()}, flush=True)
    else:
        if arguments.folder is None:
            parser.error("give the challenge's folder")
        challenge = load_challenge(arguments.folder)
        score = score_of_sequences if challenge.kind == "dna" else score_of_digits
        scores = score(challenge, arguments.folds)
        error = float(np.std(scores, ddof=1) / np.sqrt(len(scores)))
        results = {"mean": float(np.mean(scores)), "standard error": error, "folds": scores}
        print(f"{challenge.name}: {results['mean']:.4f} +- {error:.4f}")
    results["seconds"], results["machine"] = time.perf_counter() - start, platform.processor()
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
