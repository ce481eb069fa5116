"""What a recipe goes by, found on rows of the first fold that none of its members has seen."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rosenblatt.arrays import is_frame, joined, take
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.errors import UserError
from rosenblatt.kept import made
from rosenblatt.members import Advance, no_progress
from rosenblatt.metrics import Metric, find_metric
from rosenblatt.metrics.decisions import answer, cuts_for, shares
from rosenblatt.pipeline.ensemble import ensemble
from rosenblatt.pipeline.folds import inner_folds
from rosenblatt.pipeline.splits import whole_split
from rosenblatt.train.workers import Workers
from rosenblatt.visualise.importance import (
    columns_of,
    exchanged,
    partial_dependence,
    permutation_importance,
    steps_along,
)

HELD, ALONG, REPEATS = 1000, 100, 3  # rows to permute, rows along a column, permutations
FORMS = "table", "numbers"


@dataclass(frozen=True, eq=False)
class Explanation:
    """Of a recipe on held rows: its score; columns, the most important first, the loss of score as
    each is permuted [D, R]; and of each column its steps, cells [s], and the mean answers there,
    [s, K]: probabilities of classes, or values in the target's own units. metric: by how much each
    number counts in the metric that a member learned, 1 at most; empty where none did.
    """

    score: float
    columns: list[str]
    lost: np.ndarray
    along: list[tuple[np.ndarray, np.ndarray]]
    metric: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """Return what from_json makes an explanation of again."""
        lists = [[cells.tolist(), said.tolist()] for cells, said in self.along]
        return dataclasses.asdict(self) | {"lost": self.lost.tolist(), "along": lists}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Self:
        """Return an explanation that to_json told of."""
        along = [(np.asarray(cells), np.asarray(said)) for cells, said in told["along"]]
        return cls(**told | {"lost": np.asarray(told["lost"]), "along": along})


def explain(
    challenge: Challenge, recipe: Recipe, workers: Workers, progress: Advance = no_progress
) -> Explanation:
    """Train a recipe on all but the first fold, and explain it on up to 1,000 rows of that.

    All changed rows are asked for at once, as if they were test rows. Raises UserError for samples
    without columns, and as ensemble.
    """
    if challenge.kind not in FORMS:
        raise UserError(
            f"a challenge of kind {challenge.kind!r} has no columns to explain; give a table."
        )
    rng = np.random.default_rng(recipe.seed)
    fold = inner_folds(challenge, recipe.folds, rng)
    held = rng.permutation(np.flatnonzero(fold == 0))[:HELD]
    rows, few = take(challenge.train, held), take(challenge.train, held[:ALONG])
    columns, n = columns_of(rows), len(held)
    asked = [rows]
    for column in columns:
        asked += [exchanged(rows, column, rows, rng.permutation(n)) for _ in range(REPEATS)]
    steps = [steps_along(rows, column) for column in columns]
    for column, places in zip(columns, steps, strict=True):
        asked += [exchanged(few, column, rows, np.full(len(few), place)) for place in places]
    votes, learned = _votes(challenge, recipe, np.flatnonzero(fold > 0), asked, (workers, progress))
    metric, truth = find_metric(challenge.metric), challenge.target.truth[held]
    cuts = None if metric.wants == "values" else cuts_for(metric, truth, votes[:n])
    count = n * (1 + REPEATS * len(columns))
    answers, behind = answer(metric, votes[:count], cuts), _own(metric, votes[count:])
    permuted = answers[n:].reshape(len(columns), REPEATS, n, *answers.shape[1:])
    lost = permutation_importance(metric, truth, answers[:n], permuted)
    order = np.argsort(-lost.mean(1), kind="stable")
    along = []
    for column, places in zip(columns, steps, strict=True):
        of_column, behind = np.split(behind, [len(places) * len(few)])
        said = partial_dependence(of_column.reshape(len(places), len(few), votes.shape[1]))
        along.append((_cells(rows, column, places), said))
    score = metric(truth, answers[:n])
    names = [str(columns[k]) for k in order]
    return Explanation(score, names, lost[order], [along[k] for k in order], learned)


def _votes(
    challenge: Challenge,
    recipe: Recipe,
    learned: np.ndarray,
    asked: list[Any],
    how: tuple[Workers, Advance],
) -> tuple[np.ndarray, dict[str, float]]:
    """Return the votes [n, K] on rows of all that is asked, of members that learned some rows, and
    by how much numbers count in what the first that says so has learned."""
    together = joined(*asked)
    count = len(challenge.train)
    other = dataclasses.replace(challenge, test=together, digest=f"{challenge.digest} explained")
    split = whole_split(other, recipe, learned, count + np.arange(len(together)))
    [found] = ensemble(other, recipe, [dataclasses.replace(split, keep=True)], *how)
    kept = (made(one, result.arrays) for result in found.kept for one in result.facts["kept"])
    counting = filter(None, (one.fitted.counting() for one in kept))
    return found.votes, next(counting, {})


def _own(metric: Metric, votes: np.ndarray) -> np.ndarray:
    """Return votes [n, K] as probabilities of classes, or as values in their own units."""
    if metric.wants == "values":
        return answer(metric, votes).reshape(votes.shape)
    return shares(votes)


def _cells(rows: Any, column: Any, places: np.ndarray) -> np.ndarray:
    cells = rows[column].iloc[places] if is_frame(rows) else rows[places, column]
    cells = np.asarray(cells)
    return cells if cells.dtype.kind in "fiu" else cells.astype(str)
