"""Files of one form that several classes read: which one, for whoever asked another."""

from pathlib import Path
from typing import Any

from rosenblatt.errors import UserError
from rosenblatt.kept import kept_class

KEYS = {
    "module": ("Network", "Network.load"),
    "model": ("model that submit --keep or Model.save wrote", "rosenblatt.load"),
}


def check_reader(
    path: Path | str, description: dict[str, Any], key: str, base: type = object
) -> None:
    """Raise UserError where another reader than the one that was asked reads a file, and name it.

    key: what a description that is read here has, "estimator", "module" or "model"; base: the class
    of estimators that is asked for. What no reader is known for passes, to be refused as damaged.
    """
    told = None
    if "estimator" in description:
        told = _estimator(description["estimator"], base if key == "estimator" else type(None))
    elif key not in description:
        told = next((words for other, words in KEYS.items() if other in description), None)
    if told is not None:
        raise UserError(f"{path}: it holds a {told[0]}; read it with {told[1]}.")


def _estimator(name: Any, base: type) -> tuple[str, str] | None:
    """Return what an estimator is called and what reads it; None below `base`, or of none."""
    try:
        make = kept_class(str(name))
    except ValueError:
        return None
    if issubclass(make, base) or not hasattr(make, "load"):
        return None
    return make.__name__, f"{make.__name__}.load"
