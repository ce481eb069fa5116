"""Whether folds that part no group can tell how well classes are learned."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rosenblatt.errors import UserError

NAMED = 3  # classes, and groups of each, that a message names


def learned_elsewhere(labels: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return which rows have a class that another fold than theirs has too, [N] bool.

    labels, fold: [N] whole numbers from 0.
    """
    seen = np.zeros((int(labels.max()) + 1, int(fold.max()) + 1), bool)
    seen[labels, fold] = True
    return seen.sum(1)[labels] > 1


def check_judged(
    labels: np.ndarray,
    fold: np.ndarray,
    groups: np.ndarray | None,
    names: Sequence[Any] | np.ndarray,
    tried: int | None = None,
) -> None:
    """Raise UserError where folds cannot judge what is learned of classes, and name these.

    So it is where fewer than two classes are in several folds, or where most rows that are held out
    have a class that no row of another fold has. labels [N], of classes with `names`; groups [N],
    which the folds keep together, None where their numbers tell nothing; tried: so many folds alone
    are held out, None for all.
    """
    elsewhere = learned_elsewhere(labels, fold)
    held = fold < (fold.max() + 1 if tried is None else tried)
    if len(np.unique(labels[elsewhere])) > 1 and 2 * elsewhere[held].sum() >= held.sum():
        return
    alone = np.unique(labels[~elsewhere]).tolist()
    told = [_named(names[k]) for k in alone[:NAMED]]
    if groups is not None:
        told = [f"{n} ({_groups(groups[labels == k])})" for n, k in zip(told, alone, strict=False)]
    more = f", and of {len(alone) - NAMED} more" if len(alone) > NAMED else ""
    raise UserError(
        f"the groups part the classes: all rows of class {', of class '.join(told)}{more} are held "
        "out together, and what is learned from the others knows nothing of their class, so "
        "nothing can be chosen or judged; give groups that have several classes, or none."
    )


def _named(name: Any) -> str:
    return repr(name.item() if isinstance(name, np.generic) else name)


def _groups(groups: np.ndarray) -> str:
    some = np.unique(groups).tolist()
    told = ", ".join(map(str, some[:NAMED])) + (", ..." if len(some) > NAMED else "")
    return f"group{'s' * (len(some) > 1)} {told}"
