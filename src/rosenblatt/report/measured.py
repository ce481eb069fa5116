"""The table of results, and the measured values that the student's text may name."""

import dataclasses
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.statistics import private_interval
from rosenblatt.metrics import confusion_matrix
from rosenblatt.report.escape import short
from rosenblatt.report.evidence import Evidence


@dataclasses.dataclass(frozen=True)
class Result:
    """The accuracy on rows not trained on: mean, standard error over the folds, wrong rows, and
    the 95 % interval of the private score at its number of rows."""

    name: str
    mean: float
    error: float
    wrong: float
    low: float
    high: float

    def cells(self) -> list[str]:
        """Return the row of the table, in percent."""
        wrong = f"{self.wrong:.1f}".removesuffix(".0")
        score = f"{100 * self.mean:.2f} ± {100 * self.error:.2f}"
        return [self.name, score, wrong, f"{100 * self.low:.1f} to {100 * self.high:.1f}"]


def results(challenge: Challenge, evidence: Evidence) -> list[Result]:
    """Return one result for each kind of member, the mean of its members, then the ensemble's."""
    right = evidence.choices == challenge.labels
    private = round(len(challenge.test_ids) * (1 - challenge.public_share))
    rows = []
    for kind in dict.fromkeys(evidence.kinds):
        members = right[[k == kind for k in evidence.kinds]]
        count = f", mean of {len(members)}" if len(members) > 1 else ""
        rows.append(_result(kind.replace("_", " ") + count, members, evidence.fold, private))
    together = (evidence.votes.argmax(1) == challenge.labels)[None]
    return [*rows, _result("all together", together, evidence.fold, private)]


def _result(name: str, right: np.ndarray, fold: np.ndarray, private: int) -> Result:
    by_fold = np.array([right[:, fold == k].mean() for k in np.unique(fold)])
    mean, rows = float(right.mean()), right.shape[1]
    error = float(by_fold.std(ddof=1) / len(by_fold) ** 0.5)
    low, high = private_interval(round(mean * rows), rows, private)
    return Result(name, mean, error, rows * (1 - mean), low, high)


def values(challenge: Challenge, recipe: Recipe, evidence: Evidence) -> dict[str, str]:
    """Return what a report's text may name in braces; settings as network.rate, features.scale."""
    *kinds, last = results(challenge, evidence)
    best = max(kinds, key=lambda result: result.mean)
    rows, *shape = challenge.train.shape
    found: dict[str, Any] = {
        "challenge": short(challenge.name),
        "rows": f"{rows:,}",
        "test_rows": f"{len(challenge.test_ids):,}",
        "private_rows": f"{round(len(challenge.test_ids) * (1 - challenge.public_share)):,}",
        "shape": " × ".join(map(str, shape[1:] if len(shape) == 3 and shape[0] == 1 else shape)),
        "classes": str(len(challenge.classes)),
        "folds": str(len(np.unique(evidence.fold))),
        "split": evidence.split,
        "members": str(len(evidence.kinds)),
        "networks": str(evidence.kinds.count("network")),
        "score": f"{100 * last.mean:.2f}",
        "error": f"{100 * last.error:.2f}",
        "wrong": f"{last.wrong:.0f}",
        "low": f"{100 * last.low:.1f}",
        "high": f"{100 * last.high:.1f}",
        "best": best.name,
        "best_score": f"{100 * best.mean:.2f}",
        "gain": f"{100 * (last.mean - best.mean):+.2f}",
        "minutes": f"{evidence.seconds / 60:.1f}",
        "recipe": recipe.digest[:8],
        "data": challenge.digest[:8],
    }
    found |= _most_confused(challenge, evidence)
    tables: dict[str, Any] = {"features": recipe.features}
    for member in recipe.members:
        tables.setdefault(member.kind, member)
        for setting in dataclasses.fields(member):
            inner = getattr(member, setting.name)
            if dataclasses.is_dataclass(inner):
                tables.setdefault(setting.name, inner)
    for table, value in tables.items():
        for setting in dataclasses.fields(value):
            found[f"{table}.{setting.name}"] = _plain(getattr(value, setting.name))
    return found


def _most_confused(challenge: Challenge, evidence: Evidence) -> dict[str, str]:
    """Return the two classes that are confused most, and on how many rows; nothing without a
    mistake."""
    counts = confusion_matrix(challenge.labels, evidence.votes.argmax(1), len(challenge.classes))
    wrong = counts * (1 - np.eye(len(counts), dtype=int))
    if not wrong.any():
        return {}
    true, said = np.unravel_index(wrong.argmax(), wrong.shape)
    return {
        "confused_true": short(challenge.classes[true]),
        "confused_said": short(challenge.classes[said]),
        "confused_rows": f"{wrong.max():,}",
    }


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        nested = value and isinstance(value[0], tuple)
        return (" | " if nested else ", ").join(map(_plain, value))
    return str(value)
