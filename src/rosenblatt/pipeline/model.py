"""A model that lives on: what a recipe has learned, in one file, and its answers to new rows."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from rosenblatt.arrays import take
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.new_rows import Expected, NewRows, as_samples
from rosenblatt.challenge.recipe import Recipe, changed
from rosenblatt.data.archive import REFUSED, read_archive, reason_of, write_archive
from rosenblatt.data.readers import check_reader
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept, digest_of, made, told
from rosenblatt.kernels.core.cpu import threads_in_use, use_threads
from rosenblatt.members import Member
from rosenblatt.metrics import find_metric
from rosenblatt.metrics.decisions import answer, shares
from rosenblatt.pipeline.ensemble import Answers, submitted
from rosenblatt.pipeline.jobs import Learned, jobs
from rosenblatt.pipeline.rules import Rule

FORMAT = 3
FEW = 64  # samples, below which waking threads takes longer than their work
FILE = "model.npz"  # in a folder that is named instead


@dataclass(frozen=True, eq=False)
class Model(Kept):
    """A recipe that has learned all training rows of a challenge.

    expected: what samples it takes; names: of the classes, or of the values; metric; header: of a
    submission, its Id first; class_columns: as of Challenge. members: of the recipe, one for each
    that votes; learned: of each member and set, what it has learned; rule: what puts their votes
    together; cuts: as of Answers. about: where it comes from, for people.
    """

    expected: Expected
    names: tuple[str, ...]
    metric: str
    header: tuple[str, str]
    class_columns: tuple[tuple[str, int], ...]
    members: tuple[Member, ...]
    learned: tuple[tuple[Learned, ...], ...]
    rule: Rule
    cuts: tuple[float, ...] | None
    about: dict[str, Any]

    @classmethod
    def of(
        cls, challenge: Challenge, recipe: Recipe, found: Answers, about: dict[str, Any]
    ) -> "Model":
        """Return the model of answers that were asked for with keep; about: further facts."""
        assert found.learned is not None
        learned = tuple(
            tuple(made(one, result.arrays) for one in result.facts["kept"])
            for result in found.learned.kept
        )
        members = tuple(job.member for job in jobs(recipe))
        if recipe.student is not None:
            members = (recipe.student,)
        facts = {
            "challenge": challenge.name,
            "data": challenge.digest,
            "rows": len(challenge.train),
            "recipe": recipe.name,
            "recipe_digest": recipe.digest,
            "settings": json.dumps(changed(recipe), sort_keys=True),
        }
        return cls(
            Expected.of(challenge),
            challenge.target.names,
            challenge.metric,
            (challenge.id_column, challenge.label_column),
            challenge.class_columns,
            members,
            learned,
            found.learned.rule,
            found.cuts,
            facts | about,
        )

    @classmethod
    def from_kept(cls, parts: dict[str, Any]) -> Self:
        model = super().from_kept(parts)
        find_metric(model.metric)
        kinds = (Expected, str, dict, Member, Learned)
        sets = {len(of_member) for of_member in model.learned}
        held = [model.expected, model.metric, model.about, *model.members]
        held += [one for of_member in model.learned for one in of_member]
        if not all(isinstance(one, kinds) for one in held) or len(sets) != 1 or not model.names:
            raise ValueError("its members are not those of a model")
        return model

    @property
    def of_classes(self) -> bool:
        """Say whether the answers are classes, or probabilities of them, and no values."""
        return find_metric(self.metric).wants != "values"

    def votes(self, samples: Any, sets: np.ndarray | None = None) -> np.ndarray:
        """Return the members' votes for samples as in Challenge, put together, [n, K] float64.

        sets: the number of each one's set, where the challenge has several. Raises UserError where
        it is lacking, or the model does not fit together.
        """
        several = len(self.learned[0]) > 1
        if several and sets is None:
            raise UserError(
                f"the model has {len(self.learned[0])} sets, each a task of its own; give the "
                "number of each sample's set, from 0: sets=[...]."
            )
        numbers = np.zeros(len(samples), np.int64)
        if several:
            numbers = np.asarray(sets, np.int64)
        dtype = np.float32 if self.of_classes else np.float64
        found = np.zeros((len(self.learned), len(samples), len(self.names)), dtype)
        before = use_threads(1) if len(samples) < FEW else threads_in_use()
        try:
            for votes, member in zip(found, self.learned, strict=True):
                for number in np.unique(numbers).tolist():
                    own = numbers == number
                    votes[own] = member[number](take(samples, own))
        finally:
            use_threads(before)
        return self.rule(found)

    def answers(self, new: NewRows) -> np.ndarray:
        """Return what a submission of new rows has: places of classes [n], or numbers.

        Raises UserError as votes.
        """
        votes = self.votes(new.samples, new.sets)
        return submitted(find_metric(self.metric), votes, self.class_columns, self.cuts)

    def probabilities(self, new: NewRows) -> np.ndarray:
        """Return the share of each class in the votes for new rows, [n, K] float64.

        Raises UserError as votes, or where values are asked for.
        """
        if not self.of_classes:
            raise UserError("the model answers values, which have no probabilities; ask predict.")
        return shares(self.votes(new.samples, new.sets))

    def predict(self, X: Any, sets: Sequence[int] | None = None) -> np.ndarray:
        """Return the class of each sample by its name [n], or values [n] or [n, T].

        X: an array [n, ...], a DataFrame of cells as pandas reads them, or one sample alone; images
        as in Challenge, or as rows of pixels. Raises UserError as as_samples and votes.
        """
        votes = self.votes(as_samples(X, self.expected), _numbers(sets))
        metric = find_metric(self.metric)
        if not self.of_classes:
            return answer(metric, votes)
        places = answer(metric, votes, self.cuts) if metric.wants == "labels" else votes.argmax(1)
        return np.array(self.names)[places]

    def predict_proba(self, X: Any, sets: Sequence[int] | None = None) -> np.ndarray:
        """Return the share of each class in the votes for each sample, [n, K] float64.

        X as predict takes it. Raises UserError as that, or where values are asked for.
        """
        return self.probabilities(NewRows(as_samples(X, self.expected), sets=_numbers(sets)))

    def save(self, path: Path | str) -> int:
        """Write the model to one file, whole or not at all; return its bytes. Raises UserError."""
        arrays: dict[str, np.ndarray] = {}
        content = {"format": FORMAT, "model": told("model", self, arrays), "arrays": [*arrays]}
        write_archive(path, content | {"seal": _seal(content)}, arrays)
        return Path(path).stat().st_size


def load(path: Path | str) -> Model:
    """Return the model that `submit --keep` wrote: its file, or the folder that holds it.

    Raises UserError where it is missing, damaged or something else, and what reads that.
    """
    path = Path(path)
    path = path / FILE if path.is_dir() else path
    content, arrays = read_archive(path)
    check_reader(path, content, "model")
    try:
        if content.get("format") != FORMAT or "model" not in content:
            raise ValueError(f"format {content.get('format')}, this program reads {FORMAT}")
        if content.pop("seal") != _seal(content) or [*arrays] != content["arrays"]:
            raise ValueError("its description is not the one that was written")
        for name, array in arrays.items():
            if digest_of(array) != name:
                raise ValueError("an array is not the one that was written")
        model = made(content["model"], arrays)
    except REFUSED as error:
        raise UserError(
            f"{path}: is no model of this program, or is damaged ({reason_of(error)}); make it "
            "again: submit DIR --keep FOLDER."
        ) from error
    if not isinstance(model, Model):
        raise UserError(f"{path}: holds a {type(model).__name__}, and no model.")
    return model


def check_place(path: Path) -> None:
    """Raise UserError, before a training, where a model would take the place of something else."""
    if path.exists():
        try:
            load(path)
        except UserError as error:
            raise UserError(
                f"{path}: is there, and no model that could be renewed ({error}); give another "
                "folder. Nothing was changed."
            ) from error


def _seal(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a description, in which each array stands by its own."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _numbers(sets: Sequence[int] | None) -> np.ndarray | None:
    return None if sets is None else np.atleast_1d(np.asarray(sets, np.int64))
