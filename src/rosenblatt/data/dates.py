"""Dates and times as people and programs write them, read in one way or not at all."""

from collections.abc import Sequence
from datetime import datetime

FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y",
    "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y", "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y",
    "%b %d %Y", "%d-%b-%Y", "%d-%b-%y", "%Y-%m", "%m/%d", "%d/%m",
)  # fmt: skip
TIMES = ("", " %H:%M:%S", "T%H:%M:%S", " %H:%M", "T%H:%M", " %H:%M:%S.%f", "T%H:%M:%S.%f",
         " %I:%M %p", " %I:%M:%S %p", "T%H:%M:%SZ", "T%H:%M:%S%z", " %H:%M:%S%z",
         "T%H%M%S")  # fmt: skip
LEAP = "2000 "  # a year that has every day, where none is written


def date_formats(texts: Sequence[str]) -> list[str]:
    """Return the formats, as for datetime.strptime, by which all texts are dates: mostly one.

    Several, such as day or month first, read the texts in different ways.
    """
    if not texts or any(len(text) > 40 or not any(map(str.isdigit, text)) for text in texts):
        return []
    return [
        form
        for date in FORMATS
        for time in TIMES
        if (form := date + time) and all(read_date(text, form) for text in texts)
    ]


def read_date(text: str, form: str) -> datetime | None:
    """Return the moment that a text says by a format, in UTC where it names a zone; None if none.

    The words of months are English, whatever the locale says.
    """
    try:
        if "%Y" in form or "%y" in form:
            found = datetime.strptime(text, form)
        else:
            found = datetime.strptime(LEAP + text, "%Y " + form)
    except ValueError:
        return None
    return (found - (found.utcoffset() or found - found)).replace(tzinfo=None)
