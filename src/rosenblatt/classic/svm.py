"""Support vector machines with kernels."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.dual import DualClassifier
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.classic.row_cache import RowCache
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.dot import dot
from rosenblatt.kernels.similarity.smo import (
    ACTIVE,
    EXHAUSTED,
    MISSING,
    OPTIMAL,
    WANTED,
    Rows,
    Settings,
    Task,
    optimise,
    restart,
    settle,
    solve_all,
)
from rosenblatt.kernels.similarity.smo import bias as bias_of
from rosenblatt.ranges import POSITIVE, Choice

LOSSES = "hinge", "squared_hinge"
STRATEGIES = "one_versus_one", "one_versus_rest"
TOLERANCE = 1e-3  # of the optimality conditions
LIMIT = 10_000_000  # steps of one machine
WORK = 1 << 27  # steps times samples in one go, a fraction of a second: then Ctrl-C is answered
SHRINK = 1000  # steps, after which samples stuck at a bound are left out
MEMORY = 1 << 30  # bytes of kernel rows; where the Gram matrix is larger, they come and go


@dataclass(eq=False)
class SVM(DualClassifier):
    """The classifier of the widest margin in a feature space (Cortes & Vapnik 1995).

    It minimises |w|^2 / 2 + cost sum max(0, 1 - y f(x)), or of its square, by sequential minimal
    optimisation: kernels.similarity.smo. Between more than two classes, either a machine for each
    pair, which vote (its margins break ties), or one for each class against the rest.

    kernel, gamma, degree: as in KernelExpansion. cost: the C of the literature; fit raises
    UserError where no optimum is found in LIMIT steps: the kernel is none, or the cost too high.

    Learned: as DualClassifier, with one row of dual_coef_ and intercept_ a machine, in the order of
    pairs (0, 1), (0, 2) ... (1, 2) ..., positive for the second class of the pair; objective_,
    each machine's dual objective sum |b| - b' K b / 2 at the end, and steps_ [machines].
    """

    cost: float = 1.0
    loss: str = "hinge"
    strategy: str = "one_versus_one"

    settings: ClassVar = KERNEL_SETTINGS | {
        "cost": POSITIVE,
        "loss": Choice(LOSSES),
        "strategy": Choice(STRATEGIES),
    }

    def _fit(self, x: np.ndarray, labels: np.ndarray) -> None:
        self._choose_kernel(x)
        parts = _one_or_rest(labels, len(self.classes_), self.strategy)
        ridge = 0.0 if self.loss == "hinge" else 0.5 / self.cost
        settings = Settings(TOLERANCE, ridge, LIMIT, SHRINK)
        top = self.cost if self.loss == "hinge" else np.inf
        diagonal = np.diagonal(x) if self.kernel_ is None else self.kernel_.diagonal(x)
        tasks = [_task(rows, signs, top, diagonal + ridge) for rows, signs in parts]
        if self.kernel_ is None or 4 * len(x) ** 2 <= MEMORY:
            gram = x if self.kernel_ is None else self.kernel_(x)
            biases = _solve_together(gram, tasks, settings)
        else:
            cache = RowCache(self.kernel_, x, MEMORY)
            biases = np.array([_solve_by_rows(cache, task, settings) for task in tasks])
        dual = np.zeros((len(tasks), len(x)))
        for row, task in zip(dual, tasks, strict=True):
            row[task.samples] = task.coefficients
        self.objective_ = np.array([_objective(task) for task in tasks])
        self.steps_ = np.array([task.state[1] for task in tasks])
        self._keep_support(x, dual, biases.astype(np.float32))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores [M, K] (float32), [M] for two classes; raises as DualClassifier.

        Of pairs, a class's score is its number of votes plus its summed margins, squeezed to less
        than a third of a vote.
        """
        scores = super().decision_function(X)
        if scores.ndim == 1 or self.strategy == "one_versus_rest":
            return scores
        votes = np.zeros((len(scores), len(self.classes_)), np.float32)
        margins = np.zeros_like(votes)
        for pair, (i, j) in enumerate(combinations(range(len(self.classes_)), 2)):
            margin = scores[:, pair]
            votes[:, j] += margin > 0
            votes[:, i] += margin <= 0
            margins[:, j] += margin
            margins[:, i] -= margin
        return votes + margins / (3 * (np.abs(margins) + 1))


def _one_or_rest(
    labels: np.ndarray, classes: int, strategy: str
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows [n] and signs [n] (float64) of each machine."""
    if strategy == "one_versus_rest" and classes > 2:
        rows = np.arange(len(labels))
        return [(rows, np.where(labels == k, 1.0, -1.0)) for k in range(classes)]
    parts = []
    for i, j in combinations(range(classes), 2):
        rows = np.flatnonzero((labels == i) | (labels == j))
        parts.append((rows, np.where(labels[rows] == j, 1.0, -1.0)))
    return parts


def _task(rows: np.ndarray, signs: np.ndarray, top: float, diagonal: np.ndarray) -> Task:
    n = len(rows)
    return Task(
        samples=rows,
        signs=signs,
        low=np.where(signs > 0, 0, -top),
        high=np.where(signs > 0, top, 0),
        coefficients=np.zeros(n),
        gap=signs.copy(),
        diagonal=diagonal[rows].astype(np.float64),
        active=np.arange(n),
        state=np.array([n, 0, 0]),
    )


def _solve_together(gram: np.ndarray, tasks: list[Task], settings: Settings) -> np.ndarray:
    """Solve all tasks on one Gram matrix, in parallel; fill them, and return their biases."""
    joined = Task(*(np.concatenate(parts) for parts in zip(*tasks, strict=True)))
    joined = joined._replace(state=joined.state.reshape(len(tasks), -1))
    ends = np.cumsum([len(task.samples) for task in tasks])
    statuses, biases = np.empty(len(tasks), np.int64), np.empty(len(tasks))
    for pause in _pauses(ends[-1]):
        solve_all(gram, joined, ends, settings._replace(limit=pause), statuses, biases)
        if np.all(statuses == OPTIMAL):
            break
    _check_solved(statuses)
    for number, (task, end) in enumerate(zip(tasks, ends, strict=True)):
        part = slice(end - len(task.samples), end)
        task.coefficients[:] = joined.coefficients[part]
        task.gap[:] = joined.gap[part]
        task.state[:] = joined.state[number]
    return biases


def _solve_by_rows(cache: RowCache, task: Task, settings: Settings) -> float:
    """Solve one task with kernel rows that come as they are wanted; return its bias."""
    pauses = _pauses(len(task.samples))
    pause = next(pauses)
    while True:
        held = Rows(cache.rows, cache.slots, cache.stamps)
        status = optimise(held, task, settings._replace(limit=pause))
        if status == MISSING:
            cache.load(task.state[WANTED], _violators(task))
        elif status == OPTIMAL and task.state[ACTIVE] < len(task.samples):
            restart(task, settings.ridge)
            numbers = np.flatnonzero(task.coefficients)
            for part, rows in cache.blocks(task.samples[numbers]):
                for number, row in zip(numbers[part], rows, strict=True):
                    settle(task, number, row)
        elif status == EXHAUSTED and pause < settings.limit:
            pause = next(pauses)
        else:
            _check_solved(np.array([status]))
            return bias_of(task)


def _pauses(samples: int) -> Iterator[int]:
    """Yield the numbers of steps after which to pause, up to LIMIT."""
    steps = max(SHRINK, WORK // samples)
    yield from range(steps, LIMIT, steps)
    yield LIMIT


def _violators(task: Task) -> np.ndarray:
    """Return the samples likely to be wanted next: the largest gaps that may close, both ways."""
    up = np.where(task.coefficients < task.high, task.gap, -np.inf)
    down = np.where(task.coefficients > task.low, -task.gap, -np.inf)
    order = np.stack([np.argsort(gap, kind="stable") for gap in (-up, -down)], 1).ravel()
    return task.samples[order]


def _check_solved(statuses: np.ndarray) -> None:
    if np.any(statuses != OPTIMAL):
        raise UserError(
            f"no optimum after {LIMIT:,} steps; lower the cost, scale the features, or check that "
            "the Gram matrix has no negative eigenvalue."
        )


def _objective(task: Task) -> float:
    b = task.coefficients
    return float(np.abs(b).sum() - 0.5 * dot(b, task.signs - task.gap))
