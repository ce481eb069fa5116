"""Boosted trees against LightGBM and scikit-learn: seconds, metric and memory.

    PYTHONPATH=src NUMBA_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m tests.benchmarks.trees FOLDER

FOLDER holds heart_epfl, income_utah and forest_cover, as their participants have them. It wants
lightgbm, scikit-learn and pandas in an environment of its own. Equal settings: 100 rounds, 31
leaves, 255 bins, rate 0.1, 20 rows a leaf. Turns are taken, and the median of the ratios printed,
so that other work on the machine costs both; of one thread the processor's seconds count, of more
the clock's, and only a machine that does nothing else tells. Every fourth row is held out and tells
the metric (AUC; of several classes accuracy).
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rosenblatt.classic import BoostedTreesClassifier
from rosenblatt.kernels.core.cpu import most_threads

ROUNDS, LEAVES, RATE, LEAST = 100, 31, 0.1, 20
TURNS = 9
THREADS = most_threads()
CLOCK = time.process_time if THREADS == 1 else time.perf_counter
PAUSE = 0.1  # seconds between turns: threads spin on for some time after their last work
TABLES = {  # samples, labels, what labels are called
    "heart_epfl": ("x_train.csv", "y_train.csv", None),
    "income_utah": ("train_final.csv", "train_final.csv", "income>50K"),
    "forest_cover": ("train.csv", "train.csv", "Cover_Type"),
}


def read(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers [N, D] float64, texts as codes, and labels [N] from 0."""
    samples, labels, column = TABLES[name]
    x, y = pd.read_csv(folder / name / samples), pd.read_csv(folder / name / labels)
    y = y[column or y.columns[-1]]
    x = x.drop(columns=[c for c in (column, "Id") if c in x])
    texts = [c for c in x if not pd.api.types.is_numeric_dtype(x[c])]
    for text in texts:
        x[text] = pd.factorize(x[text])[0]
    return x.to_numpy(np.float64), pd.factorize(y, sort=True)[0]


def ours(_: int) -> Any:
    return BoostedTreesClassifier(
        rounds=ROUNDS, rate=RATE, leaves=LEAVES, l2=0.0, least_rows=LEAST, rows=1.0, columns=1.0
    )


def light(_: int) -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(
        n_estimators=ROUNDS, learning_rate=RATE, num_leaves=LEAVES, min_child_samples=LEAST,
        max_bin=255, n_jobs=THREADS, verbose=-1,
    )  # fmt: skip


def histogram(_: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        max_iter=ROUNDS, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=LEAST,
        early_stopping=False,
    )  # fmt: skip


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds of a call, and what it returned."""
    time.sleep(PAUSE)
    start = CLOCK()
    result = work()
    return CLOCK() - start, result


def quality(p: np.ndarray, y: np.ndarray) -> float:
    """Return the accuracy of probabilities [N, K], for two classes the area under the curve."""
    if p.shape[1] > 2:
        return float((p.argmax(1) == y).mean())
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(y, p[:, 1]))


def race(folder: Path, name: str) -> None:
    x, y = read(folder, name)
    held = np.arange(len(x)) % 4 == 0
    makers = {"ours": ours, "LightGBM": light, "HistGradientBoosting": histogram}
    fits: dict[str, list[float]] = {who: [] for who in makers}
    asks: dict[str, list[float]] = {who: [] for who in makers}
    scores = {}
    for turn in range(TURNS + 1):
        for who, make in makers.items():
            seconds, machine = timed(lambda: make(turn).fit(x[~held], y[~held]))  # noqa: B023
            asked, p = timed(lambda: machine.predict_proba(x[held]))  # noqa: B023
            scores[who] = quality(p, y[held])
            if turn:  # the first turn compiles and warms up
                fits[who].append(seconds)
                asks[who].append(asked)
    print(f"{name}: {x.shape[0]} x {x.shape[1]}, {y.max() + 1} classes, threads: {THREADS}")
    for who in makers:
        both = [
            statistics.median(b / a for a, b in zip(times["ours"], times[who], strict=True))
            for times in (fits, asks)
        ]
        print(
            f"  {who:21} fit {min(fits[who]):7.3f} s ({both[0]:5.2f} x ours)   predict "
            f"{min(asks[who]):7.3f} s ({both[1]:5.2f} x)   metric {scores[who]:.4f}",
            flush=True,
        )


if __name__ == "__main__":
    for table in sys.argv[2:] or TABLES:
        race(Path(sys.argv[1]), table)
