"""The contract of members: each is a table of a recipe, learns from rows, and then predicts.

A new kind is one file in this package: a frozen dataclass below Member with `kind`, its settings
and their ranges, `takes`, and `fit`, which returns a Fitted. Nothing else knows it by name.
"""

import dataclasses
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.arrays import take
from rosenblatt.challenge.target import Classes, Target, Values, classes_of, values_of
from rosenblatt.data.folds import folds_inside
from rosenblatt.errors import UserError
from rosenblatt.features.scaling import Scaling
from rosenblatt.features.terms import as_it_is, form
from rosenblatt.kept import Kept
from rosenblatt.kinds import Kinded
from rosenblatt.ranges import COUNT, SHARE, WEIGHT
from rosenblatt.train.plan import Callback

FOLDS = 5  # of the training rows, each described by what the others teach
SAMPLE = 400  # rows to learn from, and to predict, where the cost of a fit is measured

Advance = Callable[[int], None]


def no_progress(units: int) -> None:
    """Show nothing."""


@dataclass(frozen=True, eq=False)
class Rows:
    """What a member learns from: N samples as in Challenge, unscaled, and what is asked of them.

    target: Classes may have shares of the classes, [N, K], for labels; Values have mean 0 and
    deviation 1. scale: of images, as in Features. known: samples among which are these and probably
    all that will be asked for. together: [N] whole numbers, equal where folds inside may not part
    rows; None: such folds are drawn at random. metric: the challenge's.
    """

    samples: np.ndarray
    target: Target
    scale: str = "unit"
    known: np.ndarray | None = None
    together: np.ndarray | None = None
    metric: str = "accuracy"

    @property
    def labels(self) -> np.ndarray:
        """Return the labels [N], or shares of the classes [N, K]. Raises UserError for values."""
        return classes_of(self.target).labels

    @property
    def classes(self) -> int:
        """Return how many classes there are. Raises UserError for values."""
        return len(classes_of(self.target).names)

    @property
    def values(self) -> np.ndarray:
        """Return the values [N, T] float64. Raises UserError for classes."""
        return values_of(self.target).values

    def folds_inside(self, seed: int) -> np.ndarray | None:
        """Return folds that part no rows that lie together, as encode takes them; None for any."""
        if self.together is None:
            return None
        one, rng = np.zeros(len(self.samples), np.int64), np.random.default_rng(seed)
        return folds_inside(one, self.together, FOLDS, rng)

    def scaled(self) -> tuple[Callable[[np.ndarray], np.ndarray], "Rows"]:
        """Return what scales images [n, C, H, W] to [n, H, W, C], learned here, and scaled rows.

        Other samples stay as they are.
        """
        if form(self.samples) != "images":
            return as_it_is, self
        scaling = Scaling.fit(self.samples, self.scale)
        return scaling, dataclasses.replace(self, samples=scaling(self.samples), known=None)


class Fitted(Kept, ABC):
    """A member that has learned. history: a row for each epoch, where there are epochs.

    A dataclass of what it needs to predict, which an archive can hold: see `kept`.
    """

    history: Sequence[dict[str, Any]] = ()

    @abstractmethod
    def predict(self, samples: np.ndarray) -> np.ndarray:
        """Return for samples as in Challenge, unscaled, the probabilities of classes, [n, K].

        float32. Where values are asked for, these, [n, T].
        """

    def counting(self) -> dict[str, float]:
        """Return by how much each number counts in what was learned, where something says so."""
        return {}


@dataclass(frozen=True)
class Member(Kinded):
    """A table [[members]] of a recipe.

    count: how many, which differ in their seed alone; weight: of each one's vote. takes: the forms
    of samples that it learns from; answers: what it can be asked for. by_epochs: its time grows
    with its units, its epochs; after each it takes up threads that others have left.
    """

    count: int = 1
    weight: float = 1.0

    packages = ("rosenblatt.members",)
    usual = "network"
    takes: ClassVar[tuple[str, ...]] = ("images",)
    answers: ClassVar[tuple[type[Classes] | type[Values], ...]] = (Classes,)
    by_epochs: ClassVar[bool] = False
    settings: ClassVar = {"count": COUNT, "weight": WEIGHT}

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> Fitted:
        """Learn from rows. advance(n) is called as n more units are done, `units` in all.

        callback: a checkpoint, for what learns by epochs. Raises UserError where the member cannot
        learn from such rows.
        """
        raise NotImplementedError

    @property
    def units(self) -> int:
        """Return how many units a fit advances: its epochs, where it has any."""
        return 1

    def suits(self, samples: np.ndarray, target: Target) -> None:
        """Raise UserError, before any training, where the member cannot learn from such samples."""
        if form(samples) not in self.takes:
            raise UserError(
                f"a {self.kind} learns from {' or '.join(self.takes)}, and these samples are none; "
                "give a recipe of kernel machines, or leave --recipe out."
            )
        if not isinstance(target, self.answers):
            wanted = (self.answers[0].__name__.lower(), type(target).__name__.lower())
            raise UserError(
                f"a {self.kind} answers {wanted[0]}, and the challenge asks for {wanted[1]}; give "
                "a recipe of other members, or leave --recipe out."
            )

    def shorter(self, share: float) -> Self:
        """Return the member with about such a share of its work; itself where it has no less."""
        return self

    def alike(self) -> Self:
        """Return the member without what a fit's costs do not depend on."""
        return dataclasses.replace(self, count=1, weight=1.0)

    def measure(self, rows: Rows, asked: np.ndarray) -> "Cost":
        """Return the seconds that a fit on rows takes on one thread, with predicting `asked`.

        Measured by the growth from half of SAMPLE rows to SAMPLE.
        """
        order = np.random.default_rng(0).permutation(len(rows.samples))

        def seconds(count: int) -> tuple[float, float]:
            some, few = order[:count], asked[:count]
            part = Rows(take(rows.samples, some), rows.target[some], rows.scale)
            start = time.perf_counter()
            self.fit(part, 0).predict(few)
            return pairs(len(some), len(few)), time.perf_counter() - start

        seconds(SAMPLE // 2)  # compiles, or loads, its kernels
        measured = seconds(SAMPLE // 2), seconds(SAMPLE)
        return Cost(rest=grown(*measured, pairs(len(order), len(asked))))

    @classmethod
    def prepare(
        cls, members: Sequence[Any], samples: np.ndarray, target: Target, threads: int
    ) -> None:
        """Compile what members of this kind need, before workers would all compile the same."""


@dataclass(frozen=True)
class Taught(Member):
    """A table [student]: it learns what all members say together, and speaks in their place.

    trust: share of the members' votes in its targets, the labels have the rest (Hinton et al. 2015,
    "Distilling the knowledge in a neural network", section 2, at temperature 1: the mean of several
    networks is soft already).
    """

    trust: float = 0.7

    usual = "student"
    settings: ClassVar = {"trust": SHARE}


@dataclass(frozen=True)
class Cost:
    """Seconds on one thread: of each unit of a member that learns by epochs, and of the rest."""

    unit: float = 0.0
    rest: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.unit + other.unit, self.rest + other.rest)


def pairs(learned: int, predicted: int) -> int:
    """Return the entries of a fit's Gram matrices: learned with learned, and with predicted."""
    return learned * (learned + predicted)


def grown(few: tuple[float, float], many: tuple[float, float], wanted: float) -> float:
    """Return the seconds of a fit of so many pairs of rows, from two fits: (pairs, seconds) each.

    The seconds are a power of the pairs: of 1/2, as where a row's features cost most, at the
    least; of 1, as where a Gram matrix does, at the most.
    """
    power = log(many[1] / few[1]) / log(many[0] / few[0]) if few[0] < many[0] else 1.0
    return many[1] * (wanted / many[0]) ** min(max(power, 0.5), 1.0)
