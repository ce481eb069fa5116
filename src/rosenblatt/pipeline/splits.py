"""What to learn from and what to predict: the splits of a run, and whether each can be learned."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Target, Values, classes_of, values_of
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.metrics import find_metric
from rosenblatt.pipeline.folds import inner_folds, rows_together

LEARNED = "weights", "stack"  # rules of combination that are learned from folds inside
ENOUGH = 4_000  # rows with votes of models that never saw them: more tell a rule little


@dataclass(frozen=True, eq=False)
class Split:
    """What to learn from and what to predict, as indices into training, then test samples.

    rows [n] with their target, in the scale that is learned; Classes may have weights of classes
    [n, K] for labels; out [p]; group [n]: the fold of each row, -1 for always; together [n]: equal
    where folds inside may not part rows, None where they are drawn at random; left_out: the folds
    that it does not learn from. keep: what has learned is wanted too, beside what it predicts.
    """

    rows: np.ndarray
    target: Target
    out: np.ndarray
    group: np.ndarray
    together: np.ndarray | None = None
    left_out: tuple[int, ...] = ()
    keep: bool = False

    def without(self, fold: int) -> "Split":
        """Return the split that does not learn from a fold, and predicts that as well.

        So the split without fold a of the one without b is the split without b of the one
        without a: half of them need no training of their own.
        """
        inside = self.group != fold
        out = np.union1d(self.out, self.rows[~inside])
        return Split(
            self.rows[inside],
            self.target[inside],
            out,
            self.group[inside],
            None if self.together is None else self.together[inside],
            (*self.left_out, fold),
        )

    def with_labels(self, rows: np.ndarray, labels: np.ndarray) -> "Split":
        """Return the split that learns from more rows, labelled by guess."""
        alone, together = np.arange(len(rows)), self.together
        if together is not None:
            together = np.concatenate([together, together.max(initial=0) + 1 + alone])
        return replace(
            self,
            rows=np.concatenate([self.rows, rows]),
            target=classes_of(self.target).joined(labels),
            group=np.concatenate([self.group, np.full(len(rows), -1)]),
            together=together,
        )

    def with_votes_on_its_rows(self) -> "Split":
        """Return the split that also predicts what it learns from."""
        return replace(self, out=np.union1d(self.out, self.rows), keep=False)


def learned_target(challenge: Challenge) -> Target:
    """Return the target in the scale that is learned: of log(1 + y), where the metric is, from no
    start.

    Raises UserError for values that have no such logarithm.
    """
    metric, target = find_metric(challenge.metric), challenge.target
    if not metric.log:
        return target
    values = values_of(target).values
    if values.min() < 0:
        raise UserError(
            f"a training value is {values.min():.6g}, and {metric.title} has none below 0; write "
            'metric = "rmse" in challenge.toml, or mend the value.'
        )
    return Values(log(1 + values), target.names)


def learned_ends(challenge: Challenge) -> tuple[float, ...]:
    """Return the least and the largest value that is answered, in the scale that is learned."""
    ends = np.array(challenge.clip)
    if find_metric(challenge.metric).log:
        ends = log(1 + np.maximum(ends, 0))
    return tuple(ends.tolist())


def whole_split(
    challenge: Challenge,
    recipe: Recipe,
    rows: np.ndarray | None = None,
    out: np.ndarray | None = None,
) -> Split:
    """Return the split that learns from rows [n] and predicts others [p], both ascending.

    None: from all training rows, and all test rows. Its folds part no rows that the challenge's own
    keep together.
    """
    count = len(challenge.train)
    rows = np.arange(count) if rows is None else rows
    out = np.arange(count, count + len(challenge.test)) if out is None else out
    target, together = learned_target(challenge)[rows], rows_together(challenge)
    together = None if together is None else together[rows]
    rng = np.random.default_rng(recipe.seed)
    group = np.zeros(len(rows), np.int64)
    if min(recipe.folds, len(rows)) > 1:
        group = inner_folds(challenge, recipe.folds, rng, rows)
    return Split(rows, target, out, group, together)


def fold_splits(challenge: Challenge, fold: np.ndarray, first: int | None = None) -> list[Split]:
    """Return the splits that predict each of the first folds [N] from all others; None for all."""
    first = int(fold.max()) + 1 if first is None else first
    everything = np.arange(len(fold))
    together = rows_together(challenge)
    whole = Split(everything, learned_target(challenge), everything[:0], fold, together)
    return [whole.without(k) for k in range(first)]


def inner_splits(recipe: Recipe, split: Split) -> list[Split]:
    """Return the splits whose votes a learned rule is fitted on, one for each fold inside.

    Of many rows the first folds do.
    """
    if recipe.combine not in LEARNED:
        return []
    own = split.group[split.group >= 0]
    folds = [int(k) for k in np.unique(own)]
    if len(folds) < 2:
        raise UserError(f"combine = {recipe.combine!r} needs at least three folds: --folds 3.")
    return [split.without(k) for k in folds[: folds_asked(len(own), len(folds))]]


def folds_asked(rows: int, folds: int) -> int:
    """Return in how many of the folds of so many rows a learned rule wants votes."""
    return min(folds, -(-ENOUGH * folds // rows))


def check_splits(challenge: Challenge, recipe: Recipe, splits: Sequence[Split]) -> None:
    """Raise UserError where a split, or one inside it, would learn from one class, in any set."""
    if isinstance(challenge.target, Values):
        return
    for split in splits:
        for place, one in enumerate((split, *inner_splits(recipe, split))):
            for where, labels in _sets(challenge, one):
                if len(np.unique(labels)) < 2:
                    what = f"of class {challenge.classes[labels[0]]!r}" if len(labels) else "gone"
                    cures = [_cure(challenge, one)]
                    if place > 0:
                        cures.append("take combine = 'mean', which leaves out no folds inside")
                    raise UserError(
                        f"{_learned(one)} all training rows{where} are {what}, so there is "
                        f"nothing to tell apart; {', or '.join(cures)}."
                    )


def lacking(challenge: Challenge, splits: Sequence[Split]) -> list[str]:
    """Return a sentence for each split whose rows lack a class of training rows that it predicts.

    No row of such a class can be right.
    """
    found: list[str] = []
    if isinstance(challenge.target, Values):
        return found
    for split in splits:
        learned = classes_of(split.target).labels
        asked = split.out[split.out < len(challenge.labels)]
        classes, counts = np.unique(challenge.labels[asked], return_counts=True)
        for label, count in zip(classes, counts, strict=True):
            if not np.any(learned == label):
                rows = "one such row" if count == 1 else f"{count} such rows"
                found.append(
                    f"{_learned(split)} there is no row of class {challenge.classes[label]!r} to "
                    f"learn from: the {rows} to predict cannot be right"
                )
    return found


def _sets(challenge: Challenge, split: Split) -> Iterator[tuple[str, np.ndarray]]:
    """Yield in words and by their labels what is learned from by itself: all rows, or each set."""
    labels, own = classes_of(split.target).labels, split.rows < len(challenge.labels)
    if challenge.train_sets is None:
        yield "", labels
        return
    sets = challenge.train_sets[split.rows[own]]
    for number in np.unique(challenge.train_sets):
        yield f" of set {number}", labels[own][sets == number]


def _learned(split: Split) -> str:
    """Return in words what a split learns from, to begin a sentence."""
    if not split.left_out:
        return f"among {len(split.rows)} rows"
    folds = " and ".join(str(k + 1) for k in split.left_out)
    return f"without fold{'s' * (len(split.left_out) > 1)} {folds}"


def _cure(challenge: Challenge, split: Split) -> str:
    if not split.left_out:
        return "give more rows"
    counts = np.sort(np.bincount(challenge.labels, minlength=2))
    if counts[-2] > len(split.left_out):  # rows of two classes stay where each class is spread
        return "split the rows with --split stratified, or into more folds (--folds)"
    return "give a second class more rows"
