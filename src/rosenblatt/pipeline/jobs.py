"""The jobs of a run: one member each, trained on a split wherever there is a worker."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import joined, take
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.classic.units import units
from rosenblatt.errors import UserError
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.features.terms import form
from rosenblatt.kept import Kept, told
from rosenblatt.kernels.core.sums import total
from rosenblatt.kinds import tables_in
from rosenblatt.members import Advance, Fitted, Member, Rows
from rosenblatt.pipeline.splits import Split, learned_ends
from rosenblatt.sources import sources_digest_of
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit_results import Result, key_of
from rosenblatt.train.workers import Workers


@dataclass(frozen=True)
class Job:
    """One member to train: its table of the recipe, its seed, and its name for people."""

    member: Member
    seed: int
    name: str


def jobs(recipe: Recipe) -> Iterator[Job]:
    """Yield the members to train, each with a seed of its own."""
    total = sum(member.count for member in recipe.members)
    number = 0
    for member in recipe.members:
        for _ in range(member.count):
            number += 1
            yield Job(member, recipe.seed * 1000 + number, f"{member.kind} {number}/{total}")


def check_suits(recipe: Recipe, challenge: Challenge) -> None:
    """Raise UserError where a member of the recipe cannot learn from the challenge's samples.

    Or where it puts votes for classes together and the challenge asks for values.
    """
    if isinstance(challenge.target, Values):
        of_classes = {
            f"combine = {recipe.combine!r} counts": recipe.combine in ("vote", "stack"),
            f"pseudo_labels = {recipe.pseudo_labels} labels": recipe.pseudo_labels > 0,
            "a [student] learns": recipe.student is not None,
        }
        for what in (what for what, given in of_classes.items() if given):
            raise UserError(
                f"recipe {recipe.name!r}: {what} classes, and the challenge asks for values; leave "
                "it out (combine = 'mean' and 'weights' put values together)."
            )
    for member in (*recipe.members, *([recipe.student] if recipe.student else [])):
        member.suits(challenge.train, challenge.target)


def not_learned(recipe: Recipe, samples: Any) -> list[str]:
    """Return the columns of a table that no feature of the recipe's members describes."""
    features = [t for m in recipe.members for t in tables_in(m) if isinstance(t, ColumnFeature)]
    if form(samples) != "table" or not features:
        return []
    return [
        str(name)
        for name in samples.columns
        if not any(
            name in feature.columns or (not feature.columns and feature.suits(samples[name]))
            for feature in features
        )
    ]


Task = tuple[Job, Split]
Unscale = Callable[[np.ndarray, Any], np.ndarray]


def named(
    challenge: Challenge, recipe: Recipe, tasks: Sequence[Task], workers: Workers
) -> list[tuple[str, Task]]:
    """Return the tasks of `learn` as workers take them, by the names of all that decides them.

    What their members need is compiled first.
    """
    if len(tasks) > 1 and not workers.cluster:
        prepare(challenge, [job.member for job, _ in tasks], workers.threads)
    return [(_key(challenge, recipe, job, split), (job, split)) for job, split in tasks]


def prepare(challenge: Challenge, members: Sequence[Member], threads: int) -> None:
    """Compile what members need, side by side, before workers would all compile the same."""
    found = sorted(dict.fromkeys(members), key=lambda member: member.kind)
    for _, alike in groupby(found, type):
        group = list(alike)
        group[0].prepare(group, challenge.train, challenge.target, threads)


def learn(
    shared: tuple[Recipe, Challenge],
    task: tuple[Job, Split],
    advance: Advance,
    checkpoint: Checkpoint | None,
) -> Result:
    """Train one member on a split and return its votes for what the split asks, and its history.

    Where the challenge has several sets, each is a task of its own. Raises UserError where a set
    has one class only.
    """
    (recipe, challenge), (job, split) = shared, task
    asked, samples = _samples(challenge, split.out), _samples(challenge, split.rows)
    arrays = {"votes": np.zeros((len(asked), split.target.columns), split.target.dtype)}
    history: list[dict] = []
    kept: list[Any] = []
    for inside, wanted in parts(challenge, split):
        known = joined(samples[inside], asked[wanted])
        target, unscaled = standardised(split.target[inside], samples[inside])
        together = None if split.together is None else split.together[inside]
        scale, metric = recipe.features.scale, challenge.metric
        rows = Rows(samples[inside], target, scale, known, together, metric)
        fitted = job.member.fit(rows, job.seed, advance, checkpoint)
        learned = Learned(fitted, unscaled, learned_ends(challenge))
        arrays["votes"][wanted] = learned(asked[wanted])
        history += fitted.history
        kept += [told(job.name, learned, arrays)] if split.keep else []
    return Result(
        arrays, {"history": history, "kept": kept} if split.keep else {"history": history}
    )


@dataclass(frozen=True, eq=False)
class Learned(Kept):
    """A member that has learned, what turns its answers back to the scale of the target, and the
    least and the largest value there, or ()."""

    fitted: Fitted
    unscaled: Unscale
    ends: tuple[float, ...] = ()

    def __call__(self, samples: Any) -> np.ndarray:
        """Return its votes for samples, [n, K] float32; values are float64."""
        votes = self.unscaled(self.fitted.predict(samples), samples)
        return np.clip(votes, self.ends[0], self.ends[1]) if self.ends else votes


@dataclass(frozen=True)
class Unchanged(Kept):
    """Votes for classes, which have no scale, float32."""

    def __call__(self, votes: np.ndarray, samples: Any) -> np.ndarray:
        return votes.astype(np.float32)


@dataclass(frozen=True, eq=False)
class Unscaled(Kept):
    """Values [n, T] of mean 0 and deviation 1 as they were, float64; start: the column that they
    were learned as changes of, or ""."""

    mean: np.ndarray
    spread: np.ndarray
    start: str

    axes: ClassVar = {"mean": "float64 T", "spread": "float64 T"}

    def __call__(self, votes: np.ndarray, samples: Any) -> np.ndarray:
        return votes * self.spread + self.mean + _start(self.start, samples)


def parts(challenge: Challenge, split: Split) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield for each set which of a split's rows are learned from, and which are predicted.

    Without sets, all. Raises UserError where a set has one class only.
    """
    if challenge.train_sets is None or challenge.test_sets is None:
        yield np.ones(len(split.rows), bool), np.ones(len(split.out), bool)
        return
    sets = np.concatenate([challenge.train_sets, challenge.test_sets])
    learned, asked = sets[split.rows], sets[split.out]
    for number in np.unique(asked):
        target = split.target[learned == number]
        if isinstance(target, Classes) and len(np.unique(target.labels)) < 2:
            raise UserError(
                f"set {number} (counted from 0) has training labels of one class at most; there is "
                "nothing to tell apart. Give it rows of two classes, or take more rows of each."
            )
        yield learned == number, asked == number


def standardised(target: Target, samples: Any) -> tuple[Target, Unscale]:
    """Return values, less their start, with mean 0 and deviation 1, and what turns predictions of
    them, [n, T] for samples, back.

    The sums are in a fixed order. Classes stay as they are.
    """
    if isinstance(target, Classes):
        return target, Unchanged()
    count = len(target)
    changes = target.values - _start(target.start, samples)
    mean = np.array([total(column) / count for column in changes.T])
    centred = changes - mean
    unit = units(centred)
    squares = [total(np.square(column)) / count for column in (centred / unit).T]
    spread = np.array([np.sqrt(square) or 1.0 for square in squares]) * unit
    return (
        Values(centred / spread, target.names),
        Unscaled(mean, spread, target.start),
    )


def _start(column: str, samples: Any) -> np.ndarray | float:
    """Return from what values of samples are learned as changes, [n, 1], or 0."""
    return samples[column].to_numpy(np.float64)[:, None] if column else 0.0


def _samples(challenge: Challenge, rows: np.ndarray) -> np.ndarray:
    """Return training and, beyond them, test samples by their index, [n, ...]."""
    count = len(challenge.train)
    if not isinstance(challenge.train, np.ndarray):
        return take(joined(challenge.train, challenge.test), rows)
    samples = np.empty((len(rows), *challenge.train.shape[1:]), challenge.train.dtype)
    inside = rows < count
    samples[inside] = challenge.train[rows[inside]]
    samples[~inside] = challenge.test[rows[~inside] - count]
    return samples


def _key(challenge: Challenge, recipe: Recipe, job: Job, split: Split) -> str:
    """Return the name of a training: all that its votes depend on."""
    member = dataclasses.asdict(job.member)
    for name in ("weight", "count"):  # matter to the ensemble, and not to the member
        member.pop(name)
    arrays = [
        hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
        for array in (split.rows, split.target.truth, split.out, split.together)
        if array is not None
    ]
    features = dataclasses.asdict(recipe.features)
    sources = sources_digest_of(modules_of(job.member))
    return key_of(
        __name__,
        sources,
        member,
        features,
        job.seed,
        challenge.digest,
        (challenge.metric, challenge.clip),
        split.target.columns,
        arrays,
        *(["kept"] if split.keep else []),
    )


def modules_of(*tables: object) -> list[str]:
    """Return the modules of this package that tables and what they hold are defined in, sorted."""
    found = {type(table).__module__ for value in tables for table in tables_in(value)}
    return sorted(module for module in found if module.startswith("rosenblatt."))
