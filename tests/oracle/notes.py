"""What a mutation tells the check."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.oracle.formats import Draft, Sheet


@dataclass
class Note:
    """What a mutation did, as far as the check must know.

    harmless: a reader has no excuse to refuse; sheet, row: where one row alone was damaged; words:
    of which a refusal that cannot name the row names one instead; said: what the notes must hold
    if the folder is accepted; cure: words of the right cure, one of which a refusal has; wrong:
    words that no refusal has, since they cure nothing here.
    """

    harmless: bool = False
    sheet: Sheet | None = None
    row: list[str] | None = None
    words: tuple[str, ...] = ()
    said: str = ""
    cure: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


Mutation = Callable[[Draft, random.Random], Note | None]
HARMLESS = Note(harmless=True)
DOWNLOAD = ("download",)
