"""The form of a submission, from the files that Kaggle hands out and not from our reading of them.

A submission that was written by our own reading would always agree with it. So header and Ids are
those of the sample submission, or else of the test files, and labels are those of the training
file; where no file shows one, that is said.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.samples import find_sample
from rosenblatt.challenge.label_file import is_id_name, is_index_name
from rosenblatt.challenge.settings import read_settings
from rosenblatt.challenge.spelling import ways
from rosenblatt.data.rows import find_delimiter
from rosenblatt.data.source import Source
from rosenblatt.data.text import number
from rosenblatt.metrics import find_metric


@dataclass(frozen=True)
class Form:
    """What a submission must hold.

    headers: the accepted first rows, the usual one first; ids: one a row, in any order, as Kaggle
    joins by Id; labels: as they may be spelled; shown: what the sample submission holds in their
    place, by Id, commas between several columns; sources: what is compared with which file;
    unchecked: what no file shows; ends: of numbers, where these are asked for and no labels; ways:
    sets of labels, of which all rows must keep to one, so that none is spelled in two ways.
    """

    headers: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    shown: dict[str, str]
    sources: tuple[str, ...]
    unchecked: tuple[str, ...]
    ends: tuple[float, float] | None = None
    ways: tuple[tuple[str, ...], ...] = ()


def submission_form(folder: Path | str, challenge: Challenge) -> Form:
    """Return the form that the files in a challenge's folder show.

    Its files must be such as load_challenge has read.
    """
    files = Folder(folder)
    sample = find_sample(files)
    headers: list[tuple[str, ...]] = [(challenge.id_column, challenge.label_column)]
    sources: list[str] = []
    unchecked: list[str] = []
    shown: dict[str, str] = {}
    if sample is not None:
        rows = list(_rows(sample))
        place = _id_place(rows[0]) or 0
        if number(rows[0][place]) is None:
            written = rows.pop(0)
            headers = [tuple(name.strip() for name in written), tuple(written)]
            sources.append(f"header with {sample.name}")
        else:
            unchecked.append(f"the header: {sample.name} has none")
        ids = tuple(cells[place].strip() for cells in rows)
        shown = {cells[place].strip(): _beside(cells, place) for cells in rows}
        sources.append(f"Ids with {sample.name}")
    else:
        ids, names = _ids_of_tests(files, challenge)
        (sources if names else unchecked).append(names or COUNTED)
        unchecked.append("the header: no sample submission shows it")
    ends = ENDS.get(find_metric(challenge.metric).wants)
    labels, names = ((), "") if ends else _labels(files, challenge, headers[0][-1])
    allowed = ways(labels, shown.values()) if names else (labels,)
    unknown = "the numbers: no file shows them" if ends else UNKNOWN
    (sources if names else unchecked).append(f"labels with {names}" if names else unknown)
    return Form(
        headers=tuple(headers),
        ids=ids,
        labels=tuple(sorted({name for way in allowed for name in way})),
        shown=shown,
        sources=tuple(sources),
        unchecked=tuple(unchecked),
        ends=ends,
        ways=allowed,
    )


def _beside(cells: list[str], place: int) -> str:
    """Return what a row holds beside its Id."""
    return ",".join(cell.strip() for other, cell in enumerate(cells) if other != place)


LARGEST = sys.float_info.max
ENDS = {"scores": (-LARGEST, LARGEST), "probabilities": (0.0, 1.0), "values": (-LARGEST, LARGEST)}
UNKNOWN = "the labels: no column of the training file is theirs"
COUNTED = "the Ids: neither a sample submission nor the test file has any, so we counted them"


def _rows(source: Source) -> Iterator[list[str]]:
    """Yield the rows of a file, blank lines left out, one at a time: a table may be large."""
    with source.open_text() as file:
        yield from (cells for cells in csv.reader(file, delimiter=find_delimiter(source)) if cells)


def _id_place(header: list[str], told: str | None = None) -> int | None:
    """Return the place of the Id among the names of columns, or None; told: by challenge.toml."""
    names = [name.strip() for name in header]
    if told in names:
        return names.index(told)
    known = [place for place, name in enumerate(names) if is_id_name(name) and (name or not place)]
    return min(known, key=lambda place: is_index_name(names[place]), default=None)


def _files(folder: Folder, challenge: Challenge, word: str) -> list[Source]:
    """Return the files of a challenge whose meaning holds a word."""
    names = [
        name
        for name, meaning in challenge.files
        if word in meaning.split() and challenge.kind != "graph"  # pickles have no header
    ]
    return [path for name in names if (path := folder.find(name)) is not None]


def _ids_of_tests(folder: Folder, challenge: Challenge) -> tuple[tuple[str, ...], str]:
    """Return the Ids in the test files and what they were compared with; else our count and ""."""
    found: list[str] = []
    files = _files(folder, challenge, "test")
    for path in files:
        rows = _rows(path)
        first = next(rows)
        place = _id_place(first, read_settings(folder.path).id)
        if place is not None:
            found += [cells[place].strip() for cells in rows]
        elif challenge.kind == "image" and len(first) == challenge.test[0].size + 1 and first[-1]:
            found += [cells[0].strip() for cells in (first, *rows)]
    if len({*found}) == len(found) == len(challenge.test_ids):
        return tuple(found), f"Ids with {', '.join(path.name for path in files)}"
    return challenge.test_ids, ""


def _labels(folder: Folder, challenge: Challenge, named: str) -> tuple[tuple[str, ...], str]:
    """Return the labels as the training files spell them, sorted, and the names of those files.

    Where no column of theirs can be told to be the labels, they are as we read them, and "".
    """
    settings = read_settings(folder.path)
    found = {*(settings.classes or ())}
    files = _files(folder, challenge, "labels")
    for path in files:
        rows = _rows(path)
        first = next(rows)
        place = _label_place(first, folder, challenge, settings.target or named)
        if place is None:
            return challenge.classes, ""
        found |= {cells[place].strip() for cells in rows}
        if number(first[0]) is not None:  # an Id: there is no header
            found.add(first[place].strip())
    return tuple(sorted(found)), ", ".join(path.name for path in files)


def _label_place(header: list[str], folder: Folder, challenge: Challenge, named: str) -> int | None:
    """Return the place of the label among the columns of a training file, or None."""
    names = [name.strip() for name in header]
    if len(names) <= 2:
        return 0 if len(names) == 2 and _id_place(names) == 1 else len(names) - 1
    if named in names:
        return names.index(named)
    tests = _files(folder, challenge, "test")
    others = {name.strip() for name in next(_rows(tests[0]))} if tests else set()
    extra = [name for name in names if name not in others and not is_id_name(name)]
    return names.index(extra[0]) if len(extra) == 1 else None
