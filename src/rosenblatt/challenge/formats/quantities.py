"""Whether labels are classes or quantities, as the metric, the settings or the labels tell."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.settings import FILE, Settings, settings_file
from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.data.dress import dressed
from rosenblatt.data.text import LARGEST, exact, number, short
from rosenblatt.errors import UserError

OF_VALUES = ("rmse", "rmsle", "mae", "r2")
FAULTY = 0.1  # of the labels, at most, may be no numbers where the others tell that they should be
MOST = 30  # different whole numbers that may be classes, where nothing tells


def target_of(
    name: str, labels: Labels, settings: Settings, shown: Sequence[str]
) -> tuple[Target, tuple[str, ...]]:
    """Return the target of training rows, and how it was told to be one of classes or of values.

    name: of its column; shown: the labels of a sample submission.
    Raises UserError as encode_labels, and naming the row of a value that is no finite number.
    """
    values, why = _are_values(labels, settings)
    if values and settings.classes is not None:
        raise UserError(f"{FILE}: classes are listed, and {why}; delete the line that is wrong.")
    if not values and settings.classes is None:
        _check_dress(labels)
    if not values:
        encoded = encode_labels(labels, settings.classes, shown)
        return Classes(encoded.indices, encoded.classes), encoded.notes
    found = np.empty((len(labels.written), 1))
    for row, label in enumerate(labels.written):
        value = number(label.strip())
        if value is None or not abs(value) <= LARGEST:
            source, line = labels.places[row]
            raise UserError(
                f"{source}: row {line}, column {name}: {short(label.strip())} is not a finite "
                f"number within float32, and {name} is a quantity ({why}); fix it, or drop the row."
            )
        found[row] = value
    return Values(found, (name,)), (f"{name} is a quantity: {why}",)


def targets_of(
    asked: Sequence[tuple[str, Labels]], settings: Settings, shown: Sequence[str]
) -> tuple[Target, tuple[str, ...]]:
    """Return the target of one column of labels, or of several, which must be of values.

    asked: names and labels; shown: the labels of a sample submission. Raises UserError as target_of
    for each, and where one of several is of classes.
    """
    found = [target_of(name, labels, settings, shown) for name, labels in asked]
    if len(found) == 1:
        return found[0]
    values = [target.values for target, _ in found if isinstance(target, Values)]
    if len(values) < len(found):
        raise UserError(
            f"{asked[0][1].places[0][0]}: the sample submission asks for {len(found)} columns "
            f"({', '.join(name for name, _ in asked[:5])}), some of classes, and classes of one "
            f'column are learned at a time; write metric = "rmse" in {FILE}, which learns numbers '
            "in all of them, or leave one in the sample submission."
        )
    names = tuple(name for name, _ in asked)
    return Values(np.hstack(values), names), tuple(note for _, notes in found for note in notes)


def _check_dress(labels: Labels) -> None:
    """Raise UserError where many different labels look like numbers in dress."""
    different = dict.fromkeys(labels.written)
    texts = [*dict.fromkeys(text.strip() for text in different if exact(text) is None)]
    if len(texts) > MOST and dressed(texts):
        row = next(row for row, text in enumerate(labels.written) if exact(text) is None)
        source, line = labels.places[row]
        raise UserError(
            f"{source}: row {line}: is label {short(texts[0])} a number? Write it bare, such as "
            "-1234.5, or list the classes, as spelled in the file, as classes = [...] in "
            f"{FILE}."
        )


def _are_values(labels: Labels, settings: Settings) -> tuple[bool, str]:
    if "metric" in settings.told:
        return settings.metric in OF_VALUES, f"metric = {settings.metric!r} asks for values"
    counts = Counter(labels.written)
    values = {label: exact(label) for label in counts}
    different = {*values.values()} - {None}
    odd = sum(count for label, count in counts.items() if values[label] is None)
    if settings.classes is not None or odd > FAULTY * len(labels.written):
        return False, ""
    if any(value is not None and value != value.to_integral_value() for value in different):
        return True, "its numbers are not whole"
    return len(different) > MOST, f"{len(different):,} different numbers"


def check_metric(folder: Path, challenge: Challenge) -> None:
    """Raise UserError where the metric is of values, and classes are asked for."""
    if challenge.metric in OF_VALUES and isinstance(challenge.target, Classes):
        raise UserError(
            f"{settings_file(folder)}: metric = {challenge.metric!r} is of values, and "
            f"{challenge.label_column} is one of {len(challenge.classes)} classes; write the "
            "contest's metric of classes, or give a table."
        )


def default_metric(target: Target, shown: Sequence[str]) -> str:
    """Return the metric that is assumed where nothing tells it.

    Values: rmse. Classes: accuracy; but where a sample submission holds fractions, auc for two and
    log_loss for more.
    """
    if isinstance(target, Values):
        return "rmse"
    numbers = [exact(label) for label in {*shown}]
    fractions = any(value is not None and value != value.to_integral_value() for value in numbers)
    if not fractions:
        return "accuracy"
    return "auc" if len(target.names) == 2 else "log_loss"
