"""Whether labels are classes or quantities, as the metric, the settings or the labels tell."""

from collections.abc import Sequence

import numpy as np

from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.settings import Settings
from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.data.text import LARGEST, exact, number, short
from rosenblatt.errors import UserError

OF_VALUES = ("rmse", "rmsle", "mae", "r2")
MOST = 30  # different whole numbers that may be classes, where nothing tells


def target_of(
    name: str, labels: Labels, settings: Settings, shown: Sequence[str]
) -> tuple[Target, tuple[str, ...]]:
    """Return the target of training rows, and how it was told to be one of classes or of values.

    name: of its column; shown: the labels of a sample submission.
    Raises UserError as encode_labels, and naming the row of a value that is no finite number.
    """
    values, why = _are_values(labels, settings)
    if not values:
        encoded = encode_labels(labels, settings.classes, shown)
        return Classes(encoded.indices, encoded.classes), encoded.notes
    found = np.empty((len(labels.written), 1))
    for row, label in enumerate(labels.written):
        value = number(label.strip())
        if value is None or not abs(value) <= LARGEST:
            source, line = labels.places[row]
            raise UserError(
                f"{source}: row {line}: {short(label.strip())} is not a finite number, and {name} "
                f'is a quantity ({why}); fix it, drop the row, or write metric = "accuracy" in '
                "challenge.toml where these are classes."
            )
        found[row] = value
    return Values(found, (name,)), (f"{name} is a quantity: {why}",)


def _are_values(labels: Labels, settings: Settings) -> tuple[bool, str]:
    if "metric" in settings.told:
        return settings.metric in OF_VALUES, f"metric = {settings.metric!r} asks for values"
    different = {exact(label) for label in {*labels.written}}
    if settings.classes is not None or None in different:
        return False, ""
    if any(value is not None and value != value.to_integral_value() for value in different):
        return True, "its numbers are not whole"
    return len(different) > MOST, f"{len(different):,} different numbers"


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
