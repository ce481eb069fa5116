"""Our default recipes against other libraries' boosted trees, on the same folds of each table.

    PYTHONPATH=src python -m tests.benchmarks.tables FOLDER [--only NAME ...] [--folds N]
        [--recipe FILE ...]

FOLDER holds challenges as their participants have them, each in a folder of its own with its
challenge.toml. It wants scikit-learn, lightgbm, xgboost or catboost in an environment of its own;
those that are absent are left out. Rivals learn with their defaults from numbers as they are and
codes of levels, from hashed words of texts, and from how often graphs have each neighbourhood of
two rounds; what is asked of them is on the scale that we learn, thresholds are chosen as ours are.
Folds are drawn with seed 0 as the challenge says, with `--folds` only the first ones are scored;
means over folds, and their standard error. `--recipe` races more of our recipes.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt import pipeline
from rosenblatt.arrays import take
from rosenblatt.challenge import Challenge, load_challenge
from rosenblatt.challenge.recipe import Recipe, default_recipe, read_recipe
from rosenblatt.challenge.target import Classes, Values
from rosenblatt.features.graphs.compact import Graphs
from rosenblatt.features.graphs.substructures import WeisfeilerLehman
from rosenblatt.features.tables.encoding import AS_IT_IS, encode
from rosenblatt.features.tables.words import Words
from rosenblatt.metrics import find_metric
from rosenblatt.metrics.decisions import answer_held
from rosenblatt.pipeline.jobs import standardised
from rosenblatt.pipeline.splits import Split, fold_splits
from rosenblatt.train.workers import Workers

FOLDS, THREADS, ROUNDS = 5, 2, 2


def histogram(values: bool, codes: list[int]) -> Any:
    from sklearn import ensemble

    kind = "HistGradientBoosting" + ("Regressor" if values else "Classifier")
    return getattr(ensemble, kind)()


def light(values: bool, codes: list[int]) -> Any:
    import lightgbm

    machine = (lightgbm.LGBMRegressor if values else lightgbm.LGBMClassifier)(
        n_jobs=THREADS, verbose=-1
    )
    machine.fit = partial(machine.fit, categorical_feature=codes)  # the constructor ignores them
    return machine


def extreme(values: bool, codes: list[int]) -> Any:
    import xgboost

    return (xgboost.XGBRegressor if values else xgboost.XGBClassifier)(n_jobs=THREADS)


def cat(values: bool, codes: list[int]) -> Any:
    import catboost

    make = catboost.CatBoostRegressor if values else catboost.CatBoostClassifier
    return make(thread_count=THREADS, verbose=False, allow_writing_files=False)


RIVALS: dict[str, Callable[[bool, list[int]], Any]] = {
    "scikit-learn": histogram,
    "LightGBM": light,
    "XGBoost": extreme,
    "CatBoost": cat,
}


def inputs(challenge: Challenge, split: Split) -> tuple[np.ndarray, np.ndarray, list[int]]:
    """Return what rivals learn from and what they are asked, [n, D], and columns that are codes."""
    known, asked = take(challenge.train, split.rows), take(challenge.train, split.out)
    if isinstance(known, Graphs):
        words = WeisfeilerLehman(ROUNDS)
        vocabulary = np.unique(words.counts(known).items)
        return words.table(known, vocabulary), words.table(asked, vocabulary), []
    features = (*AS_IT_IS, *([Words()] if challenge.facts[3] else []))
    encoding, x = encode(known, features)
    return x, encoding(asked), [*encoding.categorical]


def of_rival(
    make: Callable[[bool, list[int]], Any], challenge: Challenge, fold: np.ndarray, folds: int
) -> np.ndarray:
    """Return a rival's votes [n, K] for the rows of the first folds."""
    values = isinstance(challenge.target, Values)
    votes = np.zeros((len(fold), challenge.target.columns))
    for split in fold_splits(challenge, fold, folds):
        x, asked, codes = inputs(challenge, split)
        machine = make(values, codes)
        target, unscaled = standardised(split.target, take(challenge.train, split.rows))
        machine.fit(x, target.truth)
        found = (machine.predict if values else machine.predict_proba)(asked)
        found = found.reshape(len(asked), -1)
        if isinstance(target, Classes):
            votes[np.ix_(split.out, np.unique(target.labels))] = found
        else:
            votes[split.out] = unscaled(found, take(challenge.train, split.out))
    return votes[fold < folds]


def scores(challenge: Challenge, votes: np.ndarray, fold: np.ndarray, folds: int) -> np.ndarray:
    """Return the metric of each of the first folds, of votes [n, K] for their rows."""
    some = fold < folds
    metric, truth, fold = find_metric(challenge.metric), challenge.target.truth[some], fold[some]
    answers = answer_held(metric, truth, votes, fold)
    return np.array([metric(truth[fold == k], answers[fold == k]) for k in range(folds)])


def race(folder: Path, folds: int, recipes: list[Path]) -> None:
    challenge = load_challenge(folder)
    rng = np.random.default_rng(0)
    fold, how = pipeline.split_rows(challenge, challenge.folds or "stratified", FOLDS, rng)
    folds = 1 if how.startswith("time") else folds

    def ours(recipe: Recipe) -> np.ndarray:
        workers = Workers(THREADS)
        return pipeline.cross_validate(challenge, recipe, fold, workers, first=folds).votes

    chosen = [default_recipe(*challenge.facts), *recipes]
    runners: dict[str, Callable[[], np.ndarray]] = {
        f"ours, {recipe.name}": partial(ours, recipe) for recipe in map(read_recipe, chosen)
    }
    for name, make in RIVALS.items():
        runners[name] = partial(of_rival, make, challenge, fold, folds)
    print(f"{folder.name}: {challenge.metric}, {len(fold)} rows, {folds} of {FOLDS} folds, {how}")
    for name, run in runners.items():
        start = time.perf_counter()
        try:
            votes = run()
        except ImportError as error:
            print(f"  {name:24} left out: {error}", flush=True)
            continue
        seconds = time.perf_counter() - start
        found = scores(challenge, votes, fold, folds)
        error = found.std() / len(found) ** 0.5
        print(f"  {name:24} {found.mean():.4f} +- {error:.4f}  {seconds:7.1f} s", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Default recipes against other libraries.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--folds", type=int, default=FOLDS, help="to score, of 5")
    parser.add_argument("--recipe", type=Path, nargs="+", default=[], metavar="FILE")
    given = parser.parse_args()
    for name in given.only or sorted(path.name for path in given.folder.iterdir()):
        race(given.folder / name, given.folds, given.recipe)
