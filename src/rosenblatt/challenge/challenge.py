"""One value holds a whole challenge; the rest of the program knows of no file format."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.challenge.settings import Hours
from rosenblatt.challenge.target import Target, Values, classes_of
from rosenblatt.data.schema import Column
from rosenblatt.data.source import Source
from rosenblatt.shown import as_html


@dataclass(frozen=True, eq=False)
class Challenge:
    """A data challenge: N examples with what is asked for, M to predict.

    kind: "image", "dna", "graph", "table", or "numbers" of columns that have no names.
    train, test: images [N, C, H, W] and [M, C, H, W] float32, values as in the files, unscaled; or
    sequences [N, L] and [M, L] uint8, as features.sequences.encode gives them; or numbers [N, D]
    and [M, D] float32; or tables as DataFrames, whose types of columns data.table explains; or
    features.graphs.compact.Graphs.
    target: Classes or Values of the N examples; `labels` and `classes` are those of Classes.
    test_ids: M Ids as a submission must write them, in its order.
    id_column, label_column: the two names of a submission's header.
    class_columns: of a submission that has a probability for each class, or several values, the
    names of these columns in its order, and the place of the class or value that each is of.
    digest: SHA-256 of the data files (never of a solution), the image shape and the classes.
    files: what was read, as (name, what it was taken for); notes: choices made, defaults among
    them; odd: what a reader found odd, such as a column left out since it tells the row's place.
    metric, quota (submissions a day), public_share (of the test rows): the rules of the contest;
    clip: the least and the largest value that is answered, or ().
    columns: of a table, what each is, those too of which nothing is learned; hours: how it lies,
    where its files are of hours; keys: the cells of
    its identifiers as written, of training and of test rows, by the name of their column.
    folds: how the training rows are split, as --split says it; "" where nothing tells.
    features: of images and of numbers, the names of their D columns in order, where files tell.
    train_sets, test_sets: [N] and [M] int64, the set of each row, where a challenge has several,
    each a task of its own; else None.
    """

    name: str
    kind: str
    train: Any
    target: Target
    test: Any
    test_ids: tuple[str, ...]
    id_column: str
    label_column: str
    digest: str
    files: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    metric: str = "accuracy"
    clip: tuple[float, ...] = ()
    quota: int = 2
    public_share: float = 0.5
    columns: tuple[Column, ...] = ()
    hours: Hours | None = None
    keys: Mapping[str, tuple[Sequence[str], Sequence[str]]] = field(default_factory=dict)
    folds: str = ""
    class_columns: tuple[tuple[str, int], ...] = ()
    features: tuple[str, ...] = ()
    train_sets: np.ndarray | None = None
    test_sets: np.ndarray | None = None

    def __repr__(self) -> str:
        return f"Challenge({', '.join(f'{name}: {fact}' for name, fact in self._told())})"

    def _repr_html_(self) -> str:
        return as_html(self.name, [*self._told(), *(("why", note) for note in self.notes)])

    def _told(self) -> list[tuple[str, str]]:
        names = ", ".join(self.target.names[:10])
        asked = "values" if isinstance(self.target, Values) else f"{len(self.target.names)} classes"
        return [
            ("name", self.name),
            ("kind", self.kind),
            ("train", f"{len(self.train):,} rows"),
            ("test", f"{len(self.test):,} rows"),
            (asked, names),
            ("metric", self.metric),
        ]

    @property
    def facts(self) -> tuple[str, tuple[int, ...], bool, str]:
        """Return what a recipe is chosen by, as default_recipe takes it."""
        kinds = {column.kind for column in self.columns}
        text = "beside" if kinds & {"number", "code", "date"} else "alone"
        values = isinstance(self.target, Values)
        kind = "dated" if "date" in kinds else self.kind
        if isinstance(self.target, Values) and self.target.start:
            kind = "times"
        return kind, self.train.shape, values, text * ("text" in kinds)

    @property
    def labels(self) -> np.ndarray:
        """Return the class of each example, [N] int64. Raises UserError as classes_of."""
        return classes_of(self.target).labels

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the K classes. Raises UserError as classes_of."""
        return classes_of(self.target).names


def data_digest(files: Iterable[Source], facts: Iterable[object]) -> str:
    """Return one SHA-256 over the names and contents of files and facts that shape the data."""
    lines = [f"{file.name} {file.digest()}" for file in sorted(files, key=lambda file: file.name)]
    lines += [repr(fact) for fact in facts]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
