"""Files that do not fit: a script reads what `predict` reads, to the same samples, or refuses."""

import re
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.challenge.new_rows import Expected, read_new_rows
from rosenblatt.data.schema import Column
from rosenblatt.errors import UserError
from rosenblatt.export.twins import files
from rosenblatt.export.twins.parts import Part, UnfitError
from tests.export.test_twins import part

FILE, FIRST = ("test.csv",), 1
COLUMNS = (
    Column("u", "identifier", ""),
    Column("a", "number", "", missing=("-",)),
    Column("b", "category", "", levels=("x", "y")),
    Column("c", "number", ""),
)
COUNTED = Column("1", "number", ""), Column("2", "category", "", levels=("x",))
LETTERS = "0a,;\n\"' .-#IdX"


def expected(kind, shape, names=(), columns=(), largest=0.0):
    return Expected(kind, shape, names, columns, "Id", FILE, 1, "", FIRST, largest)


KINDS = {
    "image": (
        expected("image", (1, 2, 2), tuple("abcd"), largest=16.0),
        "Id,a,b,c,d\n7,0,16,3,4\n8,1,2,0,9\n9,5,5,5,5\n",
    ),
    "numbers without names": (
        expected("numbers", (3,)), "0.5,1,16\n2,-3,4\n2.5,1,0\n",
    ),
    "table": (
        expected("table", (4,), (), COLUMNS),
        "Id,u,a,b,c\n7,k,1,x,0\n8,l,-,y,2.5\n9,m,3,,-1\n",
    ),
    "table without names": (
        expected("table", (2,), (), COUNTED),
        "1,x\n2,y\n3,x\n",
    ),
    "sequences": (expected("dna", (5,)), "Id,seq\n0,ACGTA\n1,ACG\n2,NNAC\n"),
}  # fmt: skip
DAMAGES = {
    "as it is": lambda text: text,
    "carriage returns": lambda text: text.replace("\n", "\r"),
    "semicolons": lambda text: text.replace(",", ";"),
    "decimal commas": lambda text: text.replace(",", ";").replace(".5", ",5"),
    "thousands or decimals": lambda text: text.replace(",", ";").replace("16", "1,600"),
    "columns turned round": lambda text: per_row(text, lambda cells: cells[::-1]),
    "rows turned round": lambda text: "\n".join([*text.split("\n")[:1], *text.split()[:0:-1]]),
    "a column less": lambda text: per_row(text, lambda cells: cells[:-1]),
    "a column more": lambda text: per_row(text, lambda cells: [*cells, "1"]),
    "a column twice": lambda text: per_row(text, lambda cells: [*cells, cells[-1]]),
    "no Id": lambda text: per_row(text, lambda cells: cells[1:]),
    "no first row": lambda text: text.split("\n", 1)[1],
    "first row twice": lambda text: text.split("\n")[0] + "\n" + text,
    "last row twice": lambda text: text + text.split("\n")[-2] + "\n",
    "another name": lambda text: text.replace("a", "e", 1),
    "names of numbers": lambda text: "p,q,r\n" + text,
    "a short row": lambda text: text.rsplit(",", 1)[0] + "\n",
    "a long row": lambda text: text[:-1] + ",1\n",
    "a comma within": lambda text: text.replace("\n8,", "\n8,,").replace("\n2,", "\n2,,"),
    "an open quote": lambda text: text[:-2] + '"' + text[-2:],
    "a word": lambda text: text[:-2] + "word\n",
    "a word in the first row": lambda text: text.replace("0.5", "word"),
    "not finite": lambda text: text[:-2] + "inf\n",
    "no number": lambda text: text[:-2] + "nan\n",
    "too large": lambda text: text[:-2] + "1e39\n",
    "grouped by underscores": lambda text: text[:-2] + "1_0\n",
    "digits of another script": lambda text: text[:-2] + "\u0663\n",
    "another scale": lambda text: text.replace("16", "255"),
    "another scale, from 0 to 1": lambda text: re.sub(",[2-9]|16", ",1", text),
    "a formula": lambda text: text.replace("\n8,", "\n=8,").replace("\n1,", "\n=1,"),
    "no row": lambda text: text.split("\n")[0] + "\n",
    "nothing": lambda text: "",
    "blank": lambda text: "\n \n",
    "UTF-16": lambda text: text.encode("utf-16"),
    "a title": lambda text: "Title,,,,\n" + text,
    "a damaged sequence": lambda text: text.split("\n", 1)[1].replace("0,ACGTA", "ACGX"),
}  # fmt: skip


def per_row(text, change):
    return "".join(",".join(change(line.split(","))) + "\n" for line in text.splitlines())


def told(samples):
    """Return samples as lists, of a table its columns by name: numbers, or the levels."""
    if isinstance(samples, np.ndarray):
        return samples.tolist()
    if not isinstance(samples, dict):  # a DataFrame
        samples = {name: column.tolist() for name, column in samples.items()}
    cells = {name: getattr(column, "values", column) for name, column in samples.items()}
    return {name: [None if one is None or one != one else one for one in column]
            for name, column in cells.items()}  # fmt: skip


def check(kind, content):
    """Check that a script reads what `predict` reads of a file, or refuses it."""
    takes, _ = KINDS[kind]
    reader = {"table": "files.table", "dna": "sequences.read"}.get(takes.kind, "files.numbers")
    model = Part("", {"expected": part(takes), "reader": Part(reader, {}), "header": ["Id", "y"]})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE[0]
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        try:
            new = read_new_rows(path, takes)
        except UserError:
            with pytest.raises(UnfitError, match=r"test\.csv: "):
                files.read_file(model, path)
            return False
        try:
            samples, ids = files.read_file(model, path)
        except UnfitError:
            return None
    assert told(samples) == told(new.samples)
    assert ids == (None if new.ids is None else [*new.ids])
    return True


@pytest.mark.parametrize("kind", KINDS)
def test_a_script_reads_what_predict_reads(kind):
    found = {damage: check(kind, change(KINDS[kind][1])) for damage, change in DAMAGES.items()}
    assert [damage for damage, both in found.items() if both is None] == []
    assert sum(both for both in found.values()) >= 5


@given(
    st.sampled_from(list(KINDS)),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 2), st.text(LETTERS, max_size=3)),
             min_size=1, max_size=3),
)  # fmt: skip
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_script_reads_no_damaged_file_otherwise(kind, edits):
    text = KINDS[kind][1]
    for place, gone, new in edits:
        text = text[:place] + new + text[place + gone :]
    check(kind, text)
