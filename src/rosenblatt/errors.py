"""The one exception that a user is meant to see, and the one "did you mean"."""

import difflib
from collections.abc import Iterable

SHOWN = 20  # names in a message


class UserError(ValueError):
    """Something that the user can cure: the message names file, row, column and the cure.

    The command line prints the message alone, without a traceback, and exits with code 2.
    """


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that an unknown one was probably meant to be, or None."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def meant(name: str, known: Iterable[str]) -> str:
    """Return the end of a message on an unknown name: the nearest known one, or what is known."""
    known = list(known)
    near = nearest(name, known)
    if near:
        return f"did you mean {near}?"
    return f"known are {', '.join(known[:SHOWN])}{', ...' * (len(known) > SHOWN)}."
