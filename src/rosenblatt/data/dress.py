"""Numbers as people dress them: with units, signs of money, per cents, and parted thousands."""

import re
from collections.abc import Collection, Iterable, Sequence

from rosenblatt.data.text import MISSING

FEW = 20  # different numbers, up to which letters behind them may be a name's
MONEY = "[$\u20ac\u00a3\u00a5]"
SIGN = "[-+\u2212\u2013]"
DRESSED = re.compile(  # a number between marks of people: thousands, signs, units, decimal commas
    rf"\(?\s*{SIGN}?\s*{MONEY}?\s*{SIGN}?"
    r"(?:[0-9]{1,3}(?:[ \u00a0\u202f\u2009'\u2019_,.][0-9]{3})+|[0-9]+)(?:[.,][0-9]+)?"
    rf"\s*(%|\u2030|{MONEY}|[a-zA-Z\u00b0\u00b2\u00b3/]{{1,5}})?\s*\)?"
)
PLAIN = rf"({SIGN}?)\s*({MONEY})?\s*({SIGN}?)([0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)"
MARKED = re.compile(rf"{PLAIN}\s*(%|\u2030|{MONEY}|[a-zA-Z]{{1,5}})?")
PARTED = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")  # 1,234,567.5


def dressed(texts: Sequence[str]) -> bool:
    """Say whether texts look like numbers that people dressed, all of them.

    Letters behind are a unit where all have the same, and there are many; else a name, as of 4WD.
    """
    found = [DRESSED.fullmatch(text) for text in texts]
    units = {match[1] for match in found if match and match[1] and match[1].isalpha()}
    return all(found) and len(units) < 2 and not (units and len(texts) <= FEW)


def dress_of(cells: Iterable[str], missing: Collection[str]) -> tuple[str, bool]:
    """Return the unit that each number of a column has, or "", and whether commas part thousands.

    These are told by a cell of several, or of one before a point.
    """
    texts = [text for text in cells if text not in MISSING and text not in missing]
    found = [match for text in texts if (match := MARKED.fullmatch(text))]
    if len(found) < len(texts):
        return "", False
    units = {(match[2] or "") + (match[5] or "") for match in found}
    unit = units.pop() if len(units) == 1 else ""
    if units or (unit.isalpha() and len(texts) <= FEW):
        return "", False
    commas = [match[4] for match in found if "," in match[4]]
    sure = any(text.count(",") > 1 or "." in text for text in commas)
    if commas and not (sure and all(map(PARTED.fullmatch, commas))):
        return "", False
    return unit, bool(commas)


def bare(text: str, unit: str, parted: bool) -> str:
    """Return a number's spelling without its unit, and without commas that part thousands."""
    match = MARKED.fullmatch(text) if unit or parted else None
    if match is None or ((match[2] or "") + (match[5] or "")) != unit:
        return text
    bare = match[1] + match[3] + match[4]
    return bare.replace(",", "") if parted and PARTED.fullmatch(match[4]) else bare
