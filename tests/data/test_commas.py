"""Decimal commas are those of one file: read in one way, or refused with its row and column."""

import pytest

from rosenblatt.data.cells import read_cells
from rosenblatt.data.commas import with_points
from rosenblatt.data.layout import read_layout
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError


def read(folder, text, texts=()):
    source = as_source(folder / "t.csv")
    source.path.write_text(text)
    layout = read_layout(source)
    table = with_points(read_cells(source, layout, range(layout.width)), texts)
    return [cells.written() for cells in table.columns.values()]


def test_only_numbers_between_semicolons_have_decimal_commas(tmp_path):
    found = read(tmp_path, "a;b, c;d;e\n1,5;1,2;1,2,3;T, x\n1,234;3;4,5;5\n")
    assert found == [["1.5", "1.234"], ["1.2", "3"], ["1,2,3", "4,5"], ["T, x", "5"]]
    assert read(tmp_path, 'a,b\n"1,5",2.5\n"2,5",1.5\n') == [["1,5", "2,5"], ["2.5", "1.5"]]
    assert read(tmp_path, "a;b\n1,5;1.5\n2,5;2.5\n", {1}) == [["1.5", "2.5"], ["1.5", "2.5"]]


def test_what_can_be_read_in_two_ways_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"row 3, column b: '2.500' has a point, and '1,5' in"):
        read(tmp_path, "a;b\n1,5;x\n2,5;2.500\n")
    with pytest.raises(UserError, match=r"row 2, column a: is '1,234' thousands, or a decimal"):
        read(tmp_path, "a;b\n1,234;x\n2,500;y\n")
