"""An ensemble: all members of a recipe trained, and their votes put together.

No prediction depends on the label of its own row: whatever learns, be it scaling, network, weight
or second-level model, is fitted on the other rows alone, down to the models whose votes it sees.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Values, classes_of
from rosenblatt.errors import UserError
from rosenblatt.members import Advance, no_progress
from rosenblatt.metrics import Metric, find_metric
from rosenblatt.metrics.decisions import Cuts, answer, cuts_for, needs_cuts, shares
from rosenblatt.pipeline.folds import inner_folds
from rosenblatt.pipeline.jobs import Job, check_suits, jobs, learn, named
from rosenblatt.pipeline.rules import (
    Alone,
    Mean,
    Rule,
    Vote,
    blend_rule,
    stack_rule,
    weights_rule,
)
from rosenblatt.pipeline.splits import (
    LEARNED,
    Split,
    check_splits,
    fold_splits,
    folds_asked,
    inner_splits,
    whole_split,
)
from rosenblatt.train.fit_results import Result
from rosenblatt.train.workers import Workers

PLAIN = {"mean": Mean, "vote": Vote}


@dataclass(frozen=True, eq=False)
class Validated:
    """Votes for rows that the models never saw: of each member [m, N, K], and together [N, K].

    Of values, K is how many a row has, in the scale that is learned.
    """

    members: np.ndarray
    votes: np.ndarray


class Answers(NamedTuple):
    """Answers to rows, [n] or [n, T], in the form of the metric; cuts: chosen for it, or None;
    learned: what gave them, where it was to be kept."""

    rows: np.ndarray
    cuts: Cuts | None = None
    learned: "Together | None" = None


class Together(NamedTuple):
    """Members' votes [m, p, K], those put together [p, K] and the rule that did it; what the
    members learned, as `told` and arrays, where the split keeps it; held: of a learned rule, what
    it was learned from, put together by it [n, K], and the truth of these rows."""

    members: np.ndarray
    votes: np.ndarray
    rule: Rule
    kept: Sequence[Result] = ()
    held: tuple[np.ndarray, np.ndarray] | None = None


def predict(
    challenge: Challenge,
    recipe: Recipe,
    workers: Workers,
    progress: Advance = no_progress,
    split: Split | None = None,
    keep: bool = False,
) -> Answers:
    """Train all members on all training rows; return the answers to the test rows, [M].

    Classes as int64; where the metric is of scores or probabilities of two classes, those of the
    second, or of all where the submission has a column for each, [M, C]; values as float64, [M] or
    [M, T]. Where it wants a threshold, that is the best on votes for training rows by models that
    never saw them, over recipe.folds; a rule that is learned from such votes serves both, for its
    few weights hardly flatter. split: learn from its rows instead, and return the answers that the
    metric wants to those that it asks for, cuts left out. keep: return what has learned as well.
    Raises UserError where the answers would not fit the submission.
    """
    metric = find_metric(challenge.metric)
    if split is not None:
        [found] = ensemble(challenge, recipe, [split], workers, progress)
        return Answers(answer(metric, found.votes))
    _check_form(challenge, metric)
    begin, go_on = _in_two(progress)
    cuts = None
    if needs_cuts(metric, challenge.target.columns) and cuts_apart(recipe):
        rng = np.random.default_rng(recipe.seed)
        fold = inner_folds(challenge, recipe.folds, rng)
        held = cross_validate(challenge, recipe, fold, workers, begin)
        cuts = cuts_for(metric, challenge.labels, held.votes)
    whole = dataclasses.replace(whole_split(challenge, recipe), keep=keep)
    [found] = ensemble(challenge, recipe, [whole], workers, go_on)
    if found.held is not None and metric.wants != "values":
        cuts = cuts_for(metric, found.held[1], found.held[0])
    rows = submitted(metric, found.votes, challenge.class_columns, cuts)
    return Answers(rows, cuts, found if keep else None)


def submitted(
    metric: Metric,
    votes: np.ndarray,
    class_columns: Sequence[tuple[str, int]],
    cuts: Cuts | None,
) -> np.ndarray:
    """Return votes [M, K] as a submission has them: [M], or [M, C] for columns of several."""
    places = [place for _, place in class_columns]
    if places:
        found = answer(metric, votes) if metric.wants == "values" else shares(votes)
        return found[:, places]
    found = answer(metric, votes, cuts)
    return found[:, 1] if metric.wants == "probabilities" else found


def _check_form(challenge: Challenge, metric: Metric) -> None:
    """Raise UserError, before any training, where answers would not fit the submission."""
    if challenge.class_columns:
        if metric.wants == "labels":
            raise UserError(
                f"the sample submission has a column for each class, and {metric.title} wants one "
                'answer a row; write metric = "log_loss" in challenge.toml, or mend the sample.'
            )
    elif metric.wants == "probabilities" and challenge.target.columns != 2:
        raise UserError(
            f"{metric.title} of {challenge.target.columns} classes wants a column for each, and no "
            "sample submission names them; put one into the folder, or write metric = "
            '"accuracy" in challenge.toml for the likeliest class.'
        )


def cross_validate(
    challenge: Challenge,
    recipe: Recipe,
    fold: np.ndarray,
    workers: Workers,
    progress: Advance = no_progress,
    first: int | None = None,
) -> Validated:
    """Return votes for the training rows, each by models that never saw it.

    fold [N] says which fold each row is in, from 0. first: only rows of so many folds get votes.
    """
    first = int(fold.max()) + 1 if first is None else first
    splits = fold_splits(challenge, fold, first)
    found = ensemble(challenge, recipe, splits, workers, progress)
    shape = len(list(jobs(recipe))), len(fold), challenge.target.columns
    members = np.empty(shape, challenge.target.dtype)
    votes = np.empty(members.shape[1:])
    for split, one in zip(splits, found, strict=True):
        members[:, split.out], votes[split.out] = one.members, one.votes
    return Validated(members[:, fold < first], votes[fold < first])


def cuts_apart(recipe: Recipe) -> bool:
    """Say whether cuts want a cross-validation of their own: no rule is learned from one."""
    return recipe.combine not in LEARNED or recipe.student is not None


def units_to_predict(challenge: Challenge, recipe: Recipe) -> int:
    """Return how often the progress of `predict` moves."""
    rows = len(challenge.target)
    cuts = needs_cuts(find_metric(challenge.metric), challenge.target.columns)
    before = units(recipe, rows, recipe.folds) if cuts and cuts_apart(recipe) else 0
    return before + units(recipe, rows)


def units(recipe: Recipe, rows: int, folds: int = 0, first: int | None = None) -> int:
    """Return how often `progress` moves, once an epoch of a fit: on all rows, or over folds.

    first: only so many of the folds are predicted.
    """
    first = folds if first is None else first
    trainings = max(first, 1)
    if recipe.combine in LEARNED and not folds:
        trainings += folds_asked(rows, recipe.folds)
    elif recipe.combine in LEARNED:  # one without each two folds, the first of them predicted
        asked = folds_asked(rows - rows // folds, folds - 1)
        others = [[k for k in range(folds) if k != out][:asked] for out in range(first)]
        trainings += len({frozenset((out, k)) for out, inner in enumerate(others) for k in inner})
    if recipe.pseudo_labels:
        trainings *= 2
    student = max(first, 1) * recipe.student.units if recipe.student else 0
    return trainings * sum(job.member.units for job in jobs(recipe)) + student


def ensemble(
    challenge: Challenge,
    recipe: Recipe,
    splits: Sequence[Split],
    workers: Workers,
    progress: Advance = no_progress,
) -> list[Together]:
    """Return for each split its members' votes, and those put together.

    Raises UserError as check_suits and check_splits, before any training.
    """
    check_suits(recipe, challenge)
    check_splits(challenge, recipe, splits)
    if recipe.student is not None:
        return _taught(challenge, recipe, splits, workers, progress)
    inner = [inner_splits(recipe, split) for split in splits]
    every = [*splits, *(within for group in inner for within in group)]
    if recipe.pseudo_labels:
        every, progress = _with_guesses(challenge, recipe, every, workers, progress)
    members = list(jobs(recipe))
    tasks = [(job, split) for split in every for job in members]
    results = workers.run(
        learn, (recipe, challenge), named(challenge, recipe, tasks, workers), progress
    )
    count = len(members)
    grouped = [results[place : place + count] for place in range(0, len(results), count)]
    votes = iter([np.array([one.arrays["votes"] for one in group]) for group in grouped])
    first, metric = [next(votes) for _ in splits], find_metric(challenge.metric)
    rules = [
        _rule(recipe, metric, split, [(within, next(votes)) for within in group])
        for split, group in zip(splits, inner, strict=True)
    ]
    each = zip(first, rules, grouped[: len(splits)], strict=True)
    return [Together(found, rule(found), rule, kept, held) for found, (rule, held), kept in each]


def _taught(
    challenge: Challenge,
    recipe: Recipe,
    splits: Sequence[Split],
    workers: Workers,
    progress: Advance,
) -> list[Together]:
    """Return for each split its members' votes, and those of a student that learned from them.

    The members vote on the rows that they learned from, too; the student learns from these alone.
    """
    student = recipe.student
    assert student is not None
    begin, go_on = _in_two(progress)
    plain = dataclasses.replace(recipe, student=None)
    wider = [split.with_votes_on_its_rows() for split in splits]
    taught, members = [], []
    for split, wide, (of_members, together, *_) in zip(
        splits, wider, ensemble(challenge, plain, wider, workers, begin), strict=True
    ):
        total = sum(together[:, k] for k in range(together.shape[1]))  # in a fixed order
        soft = together / np.maximum(total, 1e-12)[:, None]
        hard = np.eye(len(challenge.classes))[classes_of(split.target).labels]
        targets = student.trust * soft[np.searchsorted(wide.out, split.rows)]
        targets += (1 - student.trust) * hard
        target = dataclasses.replace(classes_of(split.target), labels=targets.astype(np.float32))
        taught.append(dataclasses.replace(split, target=target))
        members.append(of_members[:, np.searchsorted(wide.out, split.out)])
    job = Job(student, recipe.seed * 1000, "student")
    tasks = named(challenge, recipe, [(job, split) for split in taught], workers)
    results = workers.run(learn, (recipe, challenge), tasks, go_on)
    return [
        Together(of_members, result.arrays["votes"], Alone(), [result])
        for of_members, result in zip(members, results, strict=True)
    ]


def _with_guesses(
    challenge: Challenge,
    recipe: Recipe,
    splits: Sequence[Split],
    workers: Workers,
    progress: Advance,
) -> tuple[list[Split], Advance]:
    """Return the splits with the surest of their rows to predict labelled by a first training.

    Lee 2013, "Pseudo-label". Each split has guesses of its own, of members that saw its rows alone,
    put together without anything learned. The progress goes on from where that training ended.
    """
    begin, go_on = _in_two(progress)
    combine = recipe.combine if recipe.combine in PLAIN else "mean"
    plain = dataclasses.replace(recipe, pseudo_labels=0.0, combine=combine)
    found = []
    first = [dataclasses.replace(split, keep=False) for split in splits]
    for split, (_, votes, *_) in zip(
        splits, ensemble(challenge, plain, first, workers, begin), strict=True
    ):
        share = votes.max(1) / np.maximum(votes.sum(1), 1e-12)
        sure = (share >= recipe.pseudo_labels) & ~np.isin(split.out, split.rows)
        found.append(split.with_labels(split.out[sure], votes.argmax(1)[sure]))
    return found, go_on


def _in_two(progress: Advance) -> tuple[Advance, Advance]:
    """Return the progress for a first training, and one that goes on from where that ended."""
    most = 0

    def begin(done: int) -> None:
        nonlocal most
        most = max(most, done)
        progress(done)

    return begin, lambda done: progress(most + done)


def _rule(
    recipe: Recipe, metric: Metric, split: Split, inner: list[tuple[Split, np.ndarray]]
) -> tuple[Rule, tuple[np.ndarray, np.ndarray] | None]:
    """Return the rule that puts a split's votes together, and `held`, as of Together."""
    if recipe.combine in PLAIN:
        weights = np.array([job.member.weight for job in jobs(recipe)])
        if isinstance(split.target, Values):
            weights = weights / weights.sum()  # of values it is a mean, of votes a sum
        return PLAIN[recipe.combine](weights), None
    seen, truth = [], []
    for within, votes in inner:
        held = ~np.isin(split.rows, within.rows) & (split.group >= 0)
        seen.append(votes[:, np.searchsorted(within.out, split.rows[held])])
        truth.append(split.target.truth[held])
    votes, answers = np.concatenate(seen, 1), np.concatenate(truth)
    if isinstance(split.target, Values):
        rule = blend_rule(votes, answers)
    elif recipe.combine == "stack":
        rule = stack_rule(votes, answers)
    else:
        rule = weights_rule(votes, answers, metric)
    return rule, (rule(votes), answers)
