"""What a report shows of a recipe: cross-validated votes, curves, filters, columns, in one file."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt import pipeline
from rosenblatt.arrays import take
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes
from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.layers import Module
from rosenblatt.members import Advance, Rows, no_progress
from rosenblatt.metrics import find_metric
from rosenblatt.metrics.decisions import answer_held, classes_held
from rosenblatt.phases import phase
from rosenblatt.pipeline.explain import FORMS, explain
from rosenblatt.train import Callback, Network, State
from rosenblatt.train.workers import Workers


@dataclass(frozen=True, eq=False)
class Evidence:
    """Figures of one recipe on one challenge.

    recipe, data: digests; kinds: of the members. fold [N]: of each training row, -1 for those that
    no model was asked for. votes [n, K]: the ensemble's for the others, which its models never saw,
    of classes each row adding up to 1. choices
    [members, n, ...]: each member's answers to them, in the form that the metric wants. curve: one
    row an epoch of one network, with its accuracy on the rows of fold 0. filters [F, H, W, C]: of
    its first layer. The last two are empty where the recipe has no network. explained: of a table,
    what the recipe goes by, as Explanation.to_json tells.
    """

    recipe: str
    data: str
    split: str
    seconds: float
    kinds: list[str]
    fold: np.ndarray
    votes: np.ndarray
    choices: np.ndarray
    curve: list[dict[str, float]] = field(default_factory=list)
    filters: np.ndarray = field(default_factory=lambda: np.empty((0, 1, 1, 1), np.float32))
    explained: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> np.ndarray:
        """Return the places of the training rows that have votes, [n]."""
        return np.flatnonzero(self.fold >= 0)

    def said(self, judged: Challenge) -> np.ndarray:
        """Return the classes [n] said of the rows that have votes, `judged` those rows alone."""
        metric = find_metric(judged.metric)
        return classes_held(metric, judged.labels, self.votes, self.fold[self.rows])

    def judged(self, challenge: Challenge) -> Challenge:
        """Return the challenge with the training rows that have votes alone."""
        if len(self.rows) == len(self.fold):
            return challenge
        train, target = take(challenge.train, self.rows), challenge.target[self.rows]
        return dataclasses.replace(challenge, train=train, target=target)


ARRAYS = ("fold", "votes", "choices", "filters")


def save_evidence(path: Path, evidence: Evidence) -> None:
    """Write evidence, whole or not at all. Raises UserError as write_archive."""
    values = {f.name: getattr(evidence, f.name) for f in dataclasses.fields(evidence)}
    arrays = {name: values.pop(name) for name in ARRAYS}
    write_archive(path, values, arrays)


def load_evidence(path: Path) -> Evidence:
    """Read what save_evidence wrote. Raises UserError: missing, damaged or something else."""
    if not path.exists():
        raise UserError(f"{path}: no such file; make it with `report --measure`.")
    description, arrays = read_archive(path)
    fields: dict[str, Any] = description | arrays
    try:
        return Evidence(**fields)
    except TypeError as error:
        raise UserError(f"{path}: is of another edition ({error}); measure again.") from error


def measure(
    challenge: Challenge,
    recipe: Recipe,
    fold: np.ndarray,
    first: int,
    workers: Workers,
    progress: Advance = no_progress,
) -> dict[str, Any]:
    """Cross-validate a recipe over the first folds of [N], and watch one of its networks learn.

    Return the fields of Evidence that come from training.
    """
    found = pipeline.cross_validate(challenge, recipe, fold, workers, progress, first)
    kinds = [job.member.kind for job in pipeline.jobs(recipe)]
    scored = fold < first
    metric, target, votes = find_metric(challenge.metric), challenge.target[scored], found.votes
    choices = np.array([
        answer_held(metric, target.truth, one, fold[scored]) for one in found.members
    ])  # fmt: skip
    if isinstance(target, Classes):
        votes = votes / votes.sum(1, keepdims=True)
    figures = {
        "kinds": kinds,
        "fold": np.where(scored, fold, -1).astype(np.int16),
        "votes": votes.astype(target.dtype),
        "choices": choices.astype(np.int16 if metric.wants == "labels" else target.dtype),
    }
    if challenge.kind in FORMS:
        with phase("permuting columns"):
            figures["explained"] = explain(challenge, recipe, workers).to_json()
    with phase("watching one network learn"):
        return figures | watch(challenge, recipe, fold == 0)


def watch(challenge: Challenge, recipe: Recipe, held: np.ndarray) -> dict[str, Any]:
    """Train the recipe's first member that learns by epochs; return its curve and filters.

    It learns without the rows `held` [N] bool, which choose nothing: they are only looked at after
    each epoch. Nothing is returned where no member learns by epochs, or values are asked for.
    """
    job = next((job for job in pipeline.jobs(recipe) if job.member.by_epochs), None)
    if job is None or not isinstance(challenge.target, Classes):
        return {}
    rows = Rows(challenge.train[~held], challenge.target[~held], recipe.features.scale)
    scaling, _ = rows.scaled()
    seen = _HeldOut((scaling(challenge.train[held]), challenge.labels[held]))
    history = job.member.fit(rows, job.seed, callback=seen).history
    keys = ("epoch", "loss", "metric", "held")
    curve = [{key: row[key] for key in keys} for row in history]
    return {"curve": curve} | ({} if seen.filters is None else {"filters": seen.filters})


class _HeldOut(Callback):
    """Notes in the history, after each epoch, the accuracy on data that is not trained on.

    filters [F, H, W, C]: of the first convolution in the end, None where there is none.
    """

    def __init__(self, data: tuple[np.ndarray, np.ndarray]) -> None:
        self.data = data
        self.filters: np.ndarray | None = None

    def on_epoch(self, network: Module, state: State) -> None:
        assert isinstance(network, Network)
        state.history[-1]["held"] = network.score(*self.data)

    def on_end(self, network: Module, state: State) -> None:
        weights = next((w for w in network.state().values() if w.ndim == 4), None)
        self.filters = None if weights is None else weights.transpose(3, 0, 1, 2).copy()
