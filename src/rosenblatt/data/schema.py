"""What a column of a table is: told by its different cells, in training and test rows together.

A kind is decided once, from all spellings; each spelling is then converted once, and the rows take
what theirs became. So a column of a million rows and five levels costs five conversions.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from rosenblatt.data.dates import date_formats, read_date
from rosenblatt.data.dress import bare, dress_of, dressed
from rosenblatt.data.text import LARGEST, MISSING, number, short
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.ranges import Choice, check_value

KINDS = ("number", "code", "boolean", "category", "date", "choices", "text", "identifier")
TEXTS = ("category", "choices", "text", "identifier")  # kinds of cells that are no numbers
LEFT = ("identifier", "constant", "empty", "copy")  # kinds of which nothing is learned

FEW = 20  # different whole numbers that may be codes
SPREAD = 16  # between codes, on average, at most
MOST = 10_000  # levels, beyond which a category is none if most rows have one of their own
MANY = 50  # levels of a category, beyond which it is of high cardinality
BESIDE = 100  # different whole numbers, among which codes may stand beside quantities
CODES = (77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 7777, 8888, 9999)
SENTINELS = (-999, -9999, -99999)  # habits of coding a missing value
MOSTLY, SOME = 0.9, 0.5  # of the filled cells: a column of numbers with marks, or with few of them
MARKS = 5  # different marks among numbers
WORDS = 4  # on average, in a cell of free text
LONG = 60  # letters, on average, of different cells of free text
CHOICES = 200  # different choices, each of which a cell may hold
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
NAMES = ("id", "ids", "zip", "zipcode", "postcode", "code")  # of codes, by their last word
REPEATED = 2  # rows, on average, in which each number under such a name is, at least
BOTH = ({"true", "false"}, {"t", "f"}, {"yes", "no"}, {"y", "n"})
PADDED = re.compile(r"[+-]?0[0-9]+")
WORDS_TOO = ("NA", "N/A", "n/a")  # codes for a missing value that may be levels


class UnfitError(Exception):
    """A column cannot be read so: the spelling in question, and a message with a cure."""

    def __init__(self, spelling: str, message: str) -> None:
        super().__init__(message)
        self.spelling = spelling


@dataclass(frozen=True)
class Rule:
    """What challenge.toml says of a column: its kind, the spellings that are missing values, and
    the format of its dates; None where it says nothing."""

    kind: str | None = field(default=None, metadata={"key": "type"})
    missing: tuple[str, ...] | None = None
    format: str | None = None

    alone: ClassVar = "type"  # the key that a word alone stands for

    def __post_init__(self) -> None:
        if self.kind is not None:
            check_value("type", self.kind, Choice(KINDS))
        if self.format is not None and self.kind != "date":
            raise UserError(f'format = {self.format!r} is of dates; write type = "date" beside it.')


@dataclass(frozen=True)
class Column(Kept):
    """A column and what it is.

    kind: one of KINDS or LEFT; why: in words; missing: spellings that stand for no value; levels:
    of a category, in order; format: of dates; mark: between choices; unit: beside each number, such
    as "$" or "%"; parted: commas part thousands; unsure: it may be something else, as `why` tells;
    instead: the kind by which [columns] keeps a column of LEFT, "" where none does.
    """

    name: str
    kind: str
    why: str
    missing: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    format: str = ""
    mark: str = ""
    unit: str = ""
    parted: bool = False
    unsure: bool = False
    instead: str = "number"

    def number(self, text: str) -> float:
        """Return the number that a spelling says; NaN where it is missing."""
        if text in self.missing:
            return float("nan")
        found = number(bare(text, self.unit, self.parted))
        return float("nan") if found is None else found

    @property
    def numeric(self) -> bool:
        """Say whether the cells are numbers."""
        return self.kind in ("number", "code") or (self.kind == "boolean" and not self.levels)

    def unfit(self, text: str) -> str | None:
        """Return in words why a new cell cannot be one of this column, with a cure, or None."""
        if text in self.missing or text in MISSING:
            return None
        if self.numeric and not abs(self.number(text)) <= LARGEST:
            return "no finite number, as the training rows have here; fix it, or leave it empty"
        if self.kind == "date" and read_date(text, self.format) is None:
            return f"no date as {self.format}; fix it, or leave it empty"
        return None

    def unknown(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Return which of new cells are levels that no row of training or test had."""
        if self.numeric or self.kind not in ("category", "boolean"):
            return ()
        known = {*self.levels, *self.missing, *MISSING}
        return tuple(dict.fromkeys(text for text in texts if text not in known))


@dataclass(frozen=True)
class Spellings:
    """The different cells of a column, trimmed, and in how many rows each is.

    trained: those that training rows have.
    """

    name: str
    counts: dict[str, int]
    trained: frozenset[str]

    def number(self, text: str) -> float | None:
        """Return the finite number within float32 that a spelling says, or None."""
        value = number(text)
        return value if value is not None and abs(value) <= LARGEST else None


def column_of(spelled: Spellings, rule: Rule) -> Column:
    """Return what a column is, as a rule says, or as its spellings tell.

    Raises UnfitError where the rule does not fit, and where numbers can be read in two ways.
    """
    numeric = rule.kind in (None, "number")
    unit, parted = dress_of(spelled.counts, rule.missing or ()) if numeric else ("", False)
    numbers = {text: value for text in spelled.counts
               if (value := spelled.number(bare(text, unit, parted))) is not None}  # fmt: skip
    missing = _missing(spelled, numbers, rule)
    filled = {text: count for text, count in spelled.counts.items() if text not in missing}
    column = Column(spelled.name, "empty", "holds no value in training rows", missing, instead="",
                    unit=unit, parted=parted)  # fmt: skip
    seen = {numbers.get(text, text) for text in filled if text in spelled.trained}
    if not seen:
        return column
    if rule.kind is not None:
        return _told(column, rule, filled, numbers)
    if len(seen) == 1 and not spelled.trained & {*missing}:
        why = f"is {short(min(spelled.trained))} in all training rows"
        return replace(
            column, kind="constant", why=why, instead="number" if numbers else "category"
        )
    found = _date(column, filled)
    marks = [text for text in filled if text not in numbers]
    if found is not None:
        return found
    if not marks:
        return _number(column, filled, numbers)
    _check_dress(column, marks)
    share = 1 - sum(filled[text] for text in marks) / sum(filled.values())
    least = SOME if len(marks) <= MARKS else MOSTLY
    if share >= least and len(filled) - len(marks) > FEW:
        _check_marks(marks, rule)
        rest = {text: count for text, count in filled.items() if text in numbers}
        found = _number(replace(column, missing=(*missing, *marks)), rest, numbers)
        listed = ", ".join(map(repr, marks))
        return replace(found, why=f"{found.why}; {listed} among them taken as missing")
    return _text(column, filled)


def _check_dress(column: Column, marks: Sequence[str]) -> None:
    """Raise UnfitError where all that are no numbers look like numbers in dress."""
    if not dressed(marks):
        return
    key = json.dumps(column.name, ensure_ascii=False)
    raise UnfitError(
        marks[0],
        f"is {short(marks[0])} a number? Write it bare, such as -1234.5, or, where it is a name, "
        f'under [columns] in challenge.toml {key} = "category".',
    )


def _missing(spelled: Spellings, numbers: dict[str, float], rule: Rule) -> tuple[str, ...]:
    """Return the spellings that stand for no value.

    Among words `None` is one, and `NA` too where another code stands for what is missing.
    """
    if rule.missing is not None:
        spellings = spelled.counts
        pointed = (text if text in spellings else text.replace(",", ".") for text in rule.missing)
        values = {spelled.number(text) for text in pointed} - {None}
        named = {"", *rule.missing}
        return tuple(
            text for text in spelled.counts if text in named or numbers.get(text) in values
        )
    found = [text for text in spelled.counts if text in MISSING]
    others = [text for text in spelled.counts if text not in found]
    if any(text not in numbers for text in others):
        sure = [text for text in found if text != "None" and text not in WORDS_TOO]
        found = sure or [text for text in found if text != "None"]
    return (*found, *_sentinels({text: numbers[text] for text in others if text in numbers}))


def _sentinels(numbers: dict[str, float]) -> list[str]:
    """Return the spellings of codes such as -999 that stand far below all other numbers."""
    rest = [value for value in numbers.values() if value not in SENTINELS]
    return [
        text
        for text, value in numbers.items()
        if value in SENTINELS and rest and min(rest) - value > max(rest) - min(rest)
    ]


def _check_marks(marks: Sequence[str], rule: Rule) -> None:
    """Raise UnfitError where texts among numbers are more than marks: many, or with a digit; or
    where challenge.toml says which marks there are, and not these."""
    if rule.missing is not None and any(mark not in MISSING for mark in marks):
        unlisted = [mark for mark in marks if mark not in MISSING]
        raise UnfitError(
            unlisted[0],
            f"{short(unlisted[0])} is no number, as nearly all others are, and not listed as "
            f"missing in challenge.toml; fix it, or write there missing = "
            f'{json.dumps([*rule.missing, *unlisted], ensure_ascii=False)}, or type = "category".',
        )
    odd = next((mark for mark in marks if number(mark) is not None or any(map(str.isdigit, mark))),
               marks[-1] if len(marks) > MARKS else None)  # fmt: skip
    if odd is not None:
        raise UnfitError(
            odd,
            f"{short(odd)} is not a finite number within float32, as nearly all others are; fix "
            f"it, or write under [columns] in challenge.toml its missing = "
            f'{json.dumps([odd], ensure_ascii=False)}, or type = "category".',
        )


def _date(column: Column, filled: dict[str, int]) -> Column | None:
    """Return a column of dates, or None; a category where day and month can be swapped."""
    if all(text.isdigit() and len(text) != 8 for text in filled):
        return None
    if any(text.isdigit() and not 1900 <= int(text[:4]) <= 2100 for text in filled):
        return None
    few = date_formats([*filled][:50])
    if not few or any(number(text) is not None and not text.isdigit() for text in filled):
        return None
    forms = date_formats([*filled])
    if not forms:
        return None
    if len(forms) > 1:
        shown = " or ".join(map(repr, forms[:2]))
        key = json.dumps(column.name, ensure_ascii=False)
        return _category(
            replace(column, unsure=True),
            filled,
            f"dates by {shown}: {key} = {{type = \"date\", format = '{forms[0]}'}} tells which",
        )
    return replace(column, kind="date", why=f"dates as {forms[0]}", format=forms[0])


def _number(column: Column, filled: dict[str, int], numbers: dict[str, float]) -> Column:
    """Return a column whose filled cells are all numbers."""
    padded = [text for text in filled if PADDED.fullmatch(text)]
    if padded:
        return _category(column, filled, f"codes with leading zeros, such as {padded[0]}")
    values = sorted({numbers[text] for text in filled})
    whole = all(value == int(value) for value in values)
    if len(values) <= 2:
        return replace(
            column, kind="boolean", why="two numbers" if len(values) == 2 else "one number or none"
        )
    if column.unit or column.parted:
        dress = [f"each with {column.unit!r}"] * bool(column.unit)
        dress += ["commas part thousands"] * column.parted
        return replace(column, kind="number", why=", ".join(["numbers", *dress]))
    if not whole:
        return replace(column, kind="number", why="numbers")
    plain = [value for value in values if value not in CODES] or values
    if len(values) <= FEW and plain[-1] - plain[0] <= SPREAD * len(values):
        return replace(column, kind="code", why=f"{len(values)} whole numbers: number and category",
                       levels=_spelled(values, filled, numbers))  # fmt: skip
    codes = [value for value in values if value in CODES]
    rest = [value for value in values if value not in CODES]
    if codes and len(values) <= BESIDE and rest and min(codes) >= 2 * rest[-1]:
        listed = ", ".join(f"{code:.0f}" for code in codes)
        why = f"quantities up to {rest[-1]:.0f} beside codes {listed}: number and category"
        return replace(column, kind="code", why=why, levels=_spelled(values, filled, numbers))
    named = [word.lower() for word in WORD.findall(column.name)][-1:]
    if {*named} & {*NAMES} and REPEATED * len(values) <= sum(filled.values()):
        why = f"{len(values):,} whole numbers named as codes: number and category"
        return replace(column, kind="code", why=why, levels=_spelled(values, filled, numbers))
    return replace(column, kind="number", why="whole numbers")


def _spelled(
    values: list[float], filled: dict[str, int], numbers: dict[str, float]
) -> tuple[str, ...]:
    """Return for each number its commonest spelling."""
    best: dict[float, str] = {}
    for text, count in filled.items():
        value = numbers[text]
        if value not in best or count > filled[best[value]]:
            best[value] = text
    return tuple(best[value] for value in values)


def _text(column: Column, filled: dict[str, int]) -> Column:
    """Return a column in which some cell is no number."""
    folded = {text.casefold() for text in filled}
    if len(folded) == 2 and folded in BOTH:
        return replace(
            column, kind="boolean", why=" or ".join(sorted(filled)), levels=tuple(sorted(filled))
        )
    mark = _choice_mark(filled)
    if mark:
        levels = sorted({part.strip() for text in filled for part in text.split(mark)} - {""})
        why = f"{len(levels)} choices, several in a cell, between {mark!r}"
        return replace(column, kind="choices", mark=mark, levels=tuple(levels), why=why)
    words = sum(len(text.split()) * count for text, count in filled.items()) / sum(filled.values())
    share = len(filled) / sum(filled.values())
    length = sum(map(len, filled)) / len(filled)
    if (words >= WORDS and share > 0.5) or (words >= 2 and share > 0.9) or length > LONG:
        return replace(column, kind="text", why=f"{words:.0f} words a cell, mostly different")
    rows = sum(filled.values())
    if len(filled) == rows >= FEW or (len(filled) > MOST and 2 * len(filled) > rows):
        why = f"has {len(filled):,} different words in {rows:,} rows"
        return replace(column, kind="identifier", why=why, instead="category")
    return _category(column, filled, "")


def _category(column: Column, filled: dict[str, int], why: str) -> Column:
    size = "levels" if len(filled) <= MANY else "levels, of high cardinality"
    why = f"{len(filled):,} {size}{': ' if why else ''}{why}"
    return replace(column, kind="category", why=why, levels=tuple(sorted(filled)))


def _choice_mark(filled: dict[str, int]) -> str:
    """Return what stands between several choices in a cell, or "" where cells are no choices.

    Choices are few, and occur alone or in several cells each.
    """
    for mark in "|;,":
        several = [text for text in filled if mark in text]
        parts = {part.strip() for text in filled for part in text.split(mark)}
        if 4 * len(several) >= len(filled) > 3 and len(parts) <= min(CHOICES, len(filled)):
            return mark
    return ""


def _told(column: Column, rule: Rule, filled: dict[str, int], numbers: dict[str, float]) -> Column:
    """Return a column of the kind that challenge.toml says."""
    column = replace(column, kind=str(rule.kind), why="as challenge.toml says")
    if rule.kind in ("number", "code"):
        odd = next((text for text in filled if text not in numbers), None)
        if odd is not None:
            raise UnfitError(
                odd,
                f"{short(odd)} is not a finite number; fix it, or name it in challenge.toml: "
                f"missing = {json.dumps([odd], ensure_ascii=False)}.",
            )
        values = sorted({numbers[text] for text in filled})
        levels = _spelled(values, filled, numbers) if rule.kind == "code" else ()
        return replace(column, levels=levels)
    if rule.kind in ("category", "boolean"):
        return replace(column, levels=tuple(sorted(filled)))
    if rule.kind == "date":
        forms = [rule.format] if rule.format else date_formats([*filled])
        odd = next(
            (text for text in filled if not forms or read_date(text, forms[0]) is None), None
        )
        if odd is not None or len(forms) != 1:
            raise UnfitError(
                odd or next(iter(filled)),
                f"{short(odd or next(iter(filled)))} is read by "
                f"{' or by '.join(map(repr, forms)) if odd is None else 'no such format'}; write "
                'format = "%d/%m/%Y", or what it is, beside type = "date" in challenge.toml.',
            )
        return replace(column, format=forms[0])
    if rule.kind == "choices":
        mark = _choice_mark(filled) or next(
            (mark for mark in "|;,/ " if any(mark in text for text in filled)), "|"
        )
        choices = {part.strip() for text in filled for part in text.split(mark)} - {""}
        return replace(column, mark=mark, levels=tuple(sorted(choices)))
    return column
