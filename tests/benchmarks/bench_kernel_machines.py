"""Kernel machines beside scikit-learn and plain NumPy: a row of figures for each race, as JSON.

    python -m tests.benchmarks.bench_kernel_machines [PART ...] [--rounds N] [--json FILE]

PART: gram, large_gram, svm, pca, strings (default: all but large_gram). Contenders run by turns, so
that a busy machine hinders all alike, and the best time of each counts, after a run that compiles.
Rivals are measured where they are installed. Set NUMBA_NUM_THREADS and OPENBLAS_NUM_THREADS.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from rosenblatt.classic import SVM, KernelPCA
from rosenblatt.features.gram import Gaussian
from rosenblatt.features.strings import Gapped, Mismatch, Spectrum
from rosenblatt.files import write_atomic
from rosenblatt.kernels.core.cpu import cpu_name

try:
    from sklearn.decomposition import KernelPCA as TheirPCA
    from sklearn.metrics.pairwise import rbf_kernel
    from sklearn.svm import SVC
except ImportError:
    rbf_kernel = SVC = TheirPCA = None

Row = dict[str, Any]
PAUSE = (
    0.2  # seconds between two turns: threads of a BLAS spin on for some time after its last call
)
TARGETS = {"numpy": 1.2, "scikit-learn": 3.0}  # of the Gram matrix: so many times as fast


def race(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the best time of each contender in seconds, run by turns."""
    best = dict.fromkeys(contenders, float("inf"))
    for _ in range(rounds):
        for name, run in contenders.items():
            time.sleep(PAUSE)
            start = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def rows_of(what: str, best: dict[str, float], targets: dict[str, float]) -> Iterator[Row]:
    """Yield a row for each rival, or one without a rival."""
    rivals = [name for name in best if name != "ours"]
    for rival in rivals or [""]:
        row = {"what": what, "ours": round(best["ours"], 4)}
        if rival:
            ratio = best[rival] / best["ours"]
            row |= {"rival_name": rival, "rival": round(best[rival], 4), "ratio": round(ratio, 3)}
            row |= {"target": targets[rival], "met": ratio >= targets[rival]}
        yield row


def blobs(rows: int, columns: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return sparse rows like those of digits, in ten classes that overlap."""
    layout, rng = np.random.default_rng(1), np.random.default_rng(seed)
    centres = layout.random((10, columns)) * (layout.random(columns) < 0.3)
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


def gram(rounds: int, rows: int = 5000, columns: int = 784) -> Iterator[Row]:
    x, _ = blobs(rows, columns)
    gamma = 1 / columns
    Gaussian(gamma)(x[:600])
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: Gaussian(gamma)(x), "numpy": lambda: numpy_gaussian(x, gamma),
    }  # fmt: skip
    if rbf_kernel is not None:
        contenders["scikit-learn"] = lambda: rbf_kernel(x, gamma=gamma)
    yield from rows_of(f"Gaussian Gram {rows} x {columns}", race(contenders, rounds), TARGETS)


def large_gram(rounds: int) -> Iterator[Row]:
    yield from gram(rounds, 10_000, 5000)


def svm(rounds: int) -> Iterator[Row]:
    (x, y), (new, _) = blobs(5000, 784), blobs(10_000, 784, seed=2)
    settings: dict[str, Any] = {"gamma": 0.02}
    SVM(cost=10, **settings).fit(x[:300], y[:300]).predict(new[:10])
    machine = SVM(cost=10, **settings)
    contenders: dict[str, Callable[[], object]] = {"ours": lambda: machine.fit(x, y).predict(new)}
    if SVC is not None:
        contenders["scikit-learn"] = lambda: SVC(C=10, **settings).fit(x, y).predict(new)
    best = race(contenders, rounds)
    for row in rows_of("SVM, fit 5000 x 784, predict 10000", best, {"scikit-learn": 5.0}):
        if SVC is not None:
            row["dual_objective_off"] = objective_off(machine, x, y, settings["gamma"])
        yield row


def objective_off(machine: SVM, x: np.ndarray, y: np.ndarray, gamma: float) -> float:
    """Return the largest relative difference of a pair's dual objective from scikit-learn's."""
    worst = 0.0
    for pair, ours in zip(combinations(range(10), 2), machine.objective_, strict=True):
        inside = np.isin(y, pair)
        theirs = SVC(C=10, gamma=gamma).fit(x[inside], y[inside])
        b = theirs.dual_coef_[0]
        support = theirs.support_vectors_.astype(np.float64)
        value = np.abs(b).sum() - 0.5 * b @ rbf_kernel(support, gamma=gamma) @ b
        worst = max(worst, abs(ours - value) / abs(value))
    return float(worst)


def pca(rounds: int) -> Iterator[Row]:
    (x, _), (new, _) = blobs(5000, 784), blobs(10_000, 784, seed=2)
    gamma, count = 0.02, 100
    KernelPCA(gamma=gamma, components=5).fit(x[:300]).transform(new[:10])
    contenders: dict[str, Callable[[], object]] = {
        "ours": lambda: KernelPCA(gamma=gamma, components=count).fit(x).transform(new)
    }
    if TheirPCA is not None:
        theirs = {"kernel": "rbf", "gamma": gamma, "random_state": 0}
        contenders["scikit-learn"] = lambda: TheirPCA(count, **theirs).fit(x).transform(new)
    name = "kernel PCA, 100 components, fit 5000 x 784, transform 10000"
    yield from rows_of(name, race(contenders, rounds), {"scikit-learn": 2.0})


def strings(rounds: int) -> Iterator[Row]:
    x = np.random.default_rng(0).integers(0, 4, (3000, 101)).astype(np.uint8)
    for kernel in (Spectrum(6), Mismatch(8, mismatches=1), Gapped(10, True, 6)):
        kernel(x[:10])
        for row in rows_of(f"{kernel!r}, 3000 x 101", race({"ours": lambda k=kernel: k(x)}, 1), {}):
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield row | {"peak_megabytes_of_process": round(megabytes)}


PARTS = {"gram": gram, "large_gram": large_gram, "svm": svm, "pca": pca, "strings": strings}


def main() -> None:
    """Print each row as it is measured, and keep all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[], metavar="PART")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    rows = []
    for part in arguments.parts or ["gram", "svm", "pca", "strings"]:
        for row in PARTS[part](arguments.rounds):
            rows.append(row)
            print(json.dumps(row), flush=True)
    figures = {
        "rows": rows,
        "cpu": cpu_name(),
        "threads": os.environ.get("NUMBA_NUM_THREADS", "all"),
        "versions": f"python {sys.version.split()[0]} numpy {np.__version__}",
        "load": [round(load, 1) for load in os.getloadavg()],
    }
    if arguments.json:
        write_atomic(arguments.json, json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
