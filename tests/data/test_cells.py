"""The cells of a table are those that another reader sees, however they are dressed."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.data.cells import read_cells
from rosenblatt.data.layout import Layout, read_layout
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError

TEXTS = st.text(st.sampled_from("abZ 0179.-+,;'\"\n\r\té漢#"), max_size=8)


@given(
    rows=st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=6),
    mark=st.sampled_from([",", ";", "\t", "|"]),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    quoted=st.booleans(),
    packed=st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_cells_are_those_of_another_reader(rows, mark, ending, quoted, packed):
    if not quoted:  # the standard library's writer quotes no other line ending than its own
        rows = [[cell.replace("\r", "").replace("\n", "") for cell in row] for row in rows]
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=mark, lineterminator=ending, quoting=quoting)
    writer.writerow(["first", "second", "third"])
    writer.writerows([["x" + row[0], *row[1:-1], row[-1] + "x"] for row in rows])  # no outer space
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_text(("\ufeff" if packed else "") + out.getvalue(), "utf-8", newline="")
        layout = Layout(("first", "second", "third"), 3, False, 2, mark)
        table = read_cells(as_source(path), layout, (0, 2, 1))
    wanted = [*csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=mark)][1:]
    found = zip(*(table.columns[place].written() for place in range(3)), strict=True)
    assert [list(row) for row in found] == wanted
    assert len(table.lines) == len(rows)


def test_a_space_after_each_comma_belongs_to_no_cell(tmp_path):
    path = tmp_path / "adult.data"
    path.write_text('39, State-gov, "a, b"\n50, Private, c\n38, Private, "d ""e"""\n')
    layout = read_layout(path)
    assert layout.spaced
    table = read_cells(as_source(path), layout, range(3))
    assert table.columns[1].written() == ["State-gov", "Private", "Private"]
    assert table.columns[2].written() == ["a, b", "c", 'd "e"']


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n\n3\n", r"row 4: has 1 columns where the header names 2; put quotes around"),
        ("a,b\n1,2,3\n4,5\n", r"row 2: has 3 columns"),
        ('a,b\n1,"2\n', r"row 2: .* look for a stray quote"),
        ('a,b\n1,2\n3,"4"5\n', r"row 3: .* look for a stray quote"),
    ],
)
def test_a_row_of_another_width_or_a_stray_quote_is_named(tmp_path, text, message):
    path = tmp_path / "t.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_cells(as_source(path), Layout(("a", "b"), 2, False, 2), (0, 1))
