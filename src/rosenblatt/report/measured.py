"""The table of results, and the measured values that the student's text may name."""

import dataclasses
from typing import Any

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.evaluation import drawn_again
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.statistics import private_interval
from rosenblatt.challenge.target import Values
from rosenblatt.metrics import confusion_matrix, find_metric
from rosenblatt.metrics.decisions import answer_held
from rosenblatt.report.escape import short
from rosenblatt.report.evidence import Evidence


@dataclasses.dataclass(frozen=True)
class Result:
    """The score on rows not trained on: mean, standard error over the folds, and the 95 % interval
    of the private score at its number of rows; wrong: of accuracy, the wrong rows."""

    name: str
    mean: float
    error: float
    low: float
    high: float
    wrong: float | None = None

    @property
    def score(self) -> str:
        """Return the mean as it is written: accuracy in percent."""
        return self._written(self.mean, 2)

    @property
    def spread(self) -> str:
        """Return the standard error as it is written."""
        return self._written(self.error, 2)

    @property
    def ends(self) -> tuple[str, str]:
        """Return the ends of the interval as they are written."""
        return self._written(self.low, 1), self._written(self.high, 1)

    def _written(self, number: float, digits: int) -> str:
        return f"{number:.4g}" if self.wrong is None else f"{100 * number:.{digits}f}"

    def cells(self) -> list[str]:
        """Return the row of the table."""
        wrong = [] if self.wrong is None else [f"{self.wrong:.1f}".removesuffix(".0")]
        return [self.name, f"{self.score} ± {self.spread}", *wrong, " to ".join(self.ends)]


def header(challenge: Challenge) -> list[str]:
    """Return the heads of the columns of the table of results."""
    metric = find_metric(challenge.metric)
    if metric.name == "accuracy":
        return ["", "accuracy, %", "wrong", "private score, %"]
    return ["", metric.title, "private score"]


def results(challenge: Challenge, evidence: Evidence) -> list[Result]:
    """Return one result for each kind of member, the mean of its members, then the ensemble's."""
    rows, fold = [], evidence.fold[evidence.rows]
    for kind in dict.fromkeys(evidence.kinds):
        members = evidence.choices[[k == kind for k in evidence.kinds]]
        count = f", mean of {len(members)}" if len(members) > 1 else ""
        rows.append(_result(kind.replace("_", " ") + count, challenge, members, fold))
    metric, truth = find_metric(challenge.metric), challenge.target.truth
    together = answer_held(metric, truth, evidence.votes, fold)[None]
    return [*rows, _result("all together", challenge, together, fold)]


def _result(name: str, challenge: Challenge, answers: np.ndarray, fold: np.ndarray) -> Result:
    """Return the result of answers [m, N, ...], the mean of m members."""
    metric, truth = find_metric(challenge.metric), challenge.target.truth
    held = [fold == k for k in np.unique(fold)]
    by_fold = np.array([
        np.mean([metric(truth[inside], one[inside]) for one in answers]) for inside in held
    ])  # fmt: skip
    rows, private = len(truth), round(len(challenge.test_ids) * (1 - challenge.public_share))
    mean = float(np.average(by_fold, weights=[inside.sum() for inside in held]))
    if len(by_fold) > 1:
        error = float(by_fold.std(ddof=1) / len(by_fold) ** 0.5)
    else:  # as in evaluation.scores
        error = float(np.mean([drawn_again(metric, truth, one, rows).std() for one in answers]))
    if metric.name == "accuracy":
        low, high = private_interval(round(mean * rows), rows, private)
        return Result(name, mean, error, low, high, rows * (1 - mean))
    drawn = [drawn_again(metric, truth, one, private) for one in answers]
    low, high = (float(end) for end in np.quantile(drawn, [0.025, 0.975], axis=1).mean(1))
    return Result(name, mean, error, low, high)


def values(challenge: Challenge, recipe: Recipe, evidence: Evidence) -> dict[str, str]:
    """Return what a report's text may name in braces; settings as network.rate, features.scale."""
    metric = find_metric(challenge.metric)
    *kinds, last = results(challenge, evidence)
    best = max(kinds, key=lambda result: metric.gain(result.mean))
    gain = metric.gain(last.mean - best.mean)
    shape = challenge.train.shape[1:]
    found: dict[str, Any] = {
        "challenge": short(challenge.name),
        "rows": f"{len(evidence.fold):,}",
        "judged": f"{len(evidence.rows):,}",
        "test_rows": f"{len(challenge.test_ids):,}",
        "private_rows": f"{round(len(challenge.test_ids) * (1 - challenge.public_share)):,}",
        "shape": " × ".join(map(str, shape[1:] if len(shape) == 3 and shape[0] == 1 else shape)),
        "metric": metric.title,
        "folds": str(len(np.unique(evidence.fold[evidence.rows]))),
        "split": evidence.split,
        "members": str(len(evidence.kinds)),
        "networks": str(evidence.kinds.count("network")),
        "score": last.score,
        "error": last.spread,
        "low": last.ends[0],
        "high": last.ends[1],
        "best": best.name,
        "best_score": best.score,
        "gain": f"{100 * gain:+.2f}" if last.wrong is not None else f"{gain:+.4g}",
        "minutes": f"{evidence.seconds / 60:.1f}",
        "recipe": recipe.digest[:8],
        "data": challenge.digest[:8],
    }
    if last.wrong is not None:
        found["wrong"] = f"{last.wrong:.0f}"
    if isinstance(challenge.target, Values):
        found["target"] = ", ".join(short(name) for name in challenge.target.names)
    else:
        found |= {"classes": str(len(challenge.classes))} | _most_confused(challenge, evidence)
    return found | _settings(recipe)


def _settings(recipe: Recipe) -> dict[str, str]:
    """Return the settings of a recipe's features and members, each as table.setting."""
    found: dict[str, str] = {}
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
    counts = confusion_matrix(challenge.labels, evidence.said(challenge), len(challenge.classes))
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
