"""How labels that are numbers are spelled: all in one way, 0.0 and 1.0, 0 and 1, or 00 and 01."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from rosenblatt.data.text import exact

WHOLE = re.compile(r"-?([0-9]+)(\.0*)?")
Way = dict[Decimal, str]


class Style(NamedTuple):
    """A way to spell whole numbers: so many digits at least, and what follows them, as .0 does."""

    digits: int = 1
    end: str = ""

    def spell(self, value: Decimal) -> str:
        """Return a whole number so spelled."""
        sign = "-" if value < 0 else ""
        return f"{sign}{str(abs(int(value))).zfill(self.digits)}{self.end}"


def spellings(values: Mapping[str, Decimal], shown: Iterable[str]) -> Way:
    """Return how each number is to be spelled.

    values: of the labels as the training file spells them; shown: the labels of a sample
    submission. Where that spells those it has as the training file does, so are all; else as it
    does, and those that it lacks alike. Without a sample, as whole numbers usually are.
    """
    own: dict[Decimal, list[str]] = {}
    for text, value in values.items():
        own.setdefault(value, []).append(text.strip())
    given = _first(shown)
    style = next(_styles(given), Style())
    alike = {value: style.spell(value) for value in own}
    shared = own.keys() & given.keys()
    if shared and all(given[value] in own[value] for value in shared):
        near = {value: alike[value] if alike[value] in own[value] else own[value][0]
                for value in own}  # fmt: skip
        return near | {value: given[value] for value in shared}
    if shared:
        return alike | {value: given[value] for value in shared}
    agree = all(alike[value] in own[value] for value in own)
    return alike if agree else {value: Style().spell(value) for value in own}


def ways(labels: Iterable[str], shown: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    """Return the sets of labels of which a submission may hold one, each number spelled once.

    labels: as the training file spells them, and as challenge.toml does; shown: as in `spellings`.
    Texts are of each set. As whole numbers usually are, is one of the ways.
    """
    labels = dict.fromkeys(sorted({*labels}))
    given = _first(shown)
    values = {name: value for name in labels if (value := exact(name)) is not None}
    texts, wanted = labels.keys() - values.keys(), {*values.values()}
    found = [spellings(values, shown)]
    if len(wanted) == len(values):
        found.append({value: name for name, value in values.items()})
    known = [*values, *(name for value, name in given.items() if value in wanted)]
    styles = {style for name in known for style in _styles(_first([name]))} | {Style()}
    found += [{value: style.spell(value) for value in wanted} for style in sorted(styles)]
    sets = [tuple(sorted({*way.values()} | texts)) for way in found if _whole(way)]
    return tuple(dict.fromkeys(sets)) or (tuple(sorted(texts)),)


def _whole(way: Way) -> bool:
    """Say whether labels tell the numbers apart, as those of fractions cut off would not."""
    return all(exact(name) == value for value, name in way.items())


def _first(names: Iterable[str]) -> Way:
    """Return the first spelling of each number among labels."""
    spelled: Way = {}
    for name in dict.fromkeys(names):
        value = exact(name)
        if value is not None:
            spelled.setdefault(value, name.strip())
    return spelled


def _styles(way: Way) -> Iterator[Style]:
    """Yield the style that spells all numbers of a way as it does, if there is one."""
    for name in way.values():
        match = WHOLE.fullmatch(name)
        if match is None:
            return
        digits = len(match[1]) if match[1][0] == "0" else 1
        style = Style(digits, match[2] or "")
        if all(_is_whole(v) and style.spell(v) == one for v, one in way.items()):
            yield style
            return


def _is_whole(value: Decimal) -> bool:
    return value == value.to_integral_value()
