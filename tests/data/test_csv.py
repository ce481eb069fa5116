"""CSV of numbers: what is written is what is read, and what is wrong is named."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rosenblatt.data import csv
from rosenblatt.data.csv import read_numbers
from rosenblatt.errors import UserError

shapes = st.tuples(st.integers(1, 6), st.integers(1, 9))
finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
wholes = st.integers(-(10**12), 10**12)
FORMATS = (repr, "{:.4f}".format, "{:.3e}".format, "{:+}".format, " {} ".format)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_numbers_come_back_as_written(data):
    cells = data.draw(hnp.arrays(object, shapes, elements=st.one_of(finite, wholes)))
    form = data.draw(st.sampled_from(FORMATS))
    texts = [[form(cell) for cell in row] for row in cells]
    header = data.draw(st.booleans())
    comma = "," if data.draw(st.booleans()) else ""
    newline = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    mark = data.draw(st.sampled_from(["", "\ufeff"]))
    lines = [",".join(f"p{place}" for place in range(cells.shape[1]))] if header else []
    lines += [",".join(row) + comma for row in texts]
    content = mark + newline.join(lines) + data.draw(st.sampled_from(["", newline, newline * 2]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "numbers.csv"
        path.write_bytes(content.encode())
        fresh, cached = read_numbers(path), read_numbers(path)
    wanted = np.array([[float(text) for text in row] for row in texts]).astype(np.float32)
    for table in (fresh, cached):
        assert table.numbers.dtype == np.float32
        assert table.numbers.flags.c_contiguous
        assert np.array_equal(table.numbers, wanted)
        assert (table.layout.header is not None) == header


def test_text_columns_are_given_as_written(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text('Id,a,label,b\n007,1,"cat",2\n008, 3 ,NA,4.5\n')
    table = read_numbers(path, text_columns=(0, 2))
    assert table.text == {0: ["007", "008"], 2: ["cat", "NA"]}
    assert table.numbers.tolist() == [[1, 2], [3, 4.5]]
    assert read_numbers(path, text_columns=(0, 2)).text == table.text


def test_names_that_count_are_a_header_and_a_few_numbers_are_not(tmp_path):
    path = tmp_path / "counted.csv"
    path.write_text(",".join(map(str, range(10))) + "\n" + ",".join("5" * 10) + "\n")
    assert read_numbers(path).numbers.shape == (1, 10)
    path.write_text("0,1,2\n3,4,5\n")
    assert read_numbers(path).numbers.shape == (2, 3)


ROWS = b"1,2,3\n4,5,6\n7,8,9\n"
DAMAGED = {
    "empty": (b"", "is empty"),
    "blank": (b"\n \n\n", "blank lines only"),
    "header alone": (b"a,b,c\n", "has a header and no rows"),
    "short row": (ROWS + b"1,2\n", "row 4: has 2 columns where the first row has 3"),
    "long row": (ROWS + b"1,2,3,4\n", "row 4: has 4 columns"),
    "cut in mid-row": (ROWS[:-4], "row 3: has 2 columns"),
    "long row after a header": (b"a,b,c\n" + ROWS + b"1,2,3,4\n", "row 5: has 4 columns"),
    "wide first row": (b"a,b\n1,2,3\n", "row 2: has 3 columns where the header names 2"),
    "text": (ROWS.replace(b"6", b"six"), "row 2, column 3: 'six' where a number belongs"),
    "text in the first row": (ROWS.replace(b"2", b"two"), "row 1, column 2: 'two'"),
    "digits joined": (ROWS.replace(b"5", b"1_000"), "row 2, column 2: '1_000'"),
    "other digits": (ROWS.replace(b"5", "\u0665".encode()), "row 2, column 2"),
    "empty cell": (ROWS.replace(b"5", b""), "row 2, column 2: the cell is empty"),
    "NaN": (ROWS.replace(b"5", b"nan"), "row 2, column 2: nan stands for no value"),
    "NA": (ROWS.replace(b"5", b" NA "), "row 2, column 2: NA stands for no value"),
    "infinity": (ROWS.replace(b"8", b"-inf"), "row 3, column 2: '-inf' is infinite"),
    "too large": (ROWS.replace(b"8", b"1e39"), "row 3, column 2: '1e39'"),
    "NUL": (ROWS.replace(b"8", b"8\x000"), "row 3"),
    "Latin-1": (ROWS.replace(b"8", b"\xe9"), "row 3: byte 0xe9 at place 3 is not UTF-8"),
    "Latin-1 header": (b"\xe9,b,c\n" + ROWS, "row 1: byte 0xe9"),
    "UTF-16": (ROWS.decode().encode("utf-16"), "UTF-16"),
    "open quote": (ROWS.replace(b"5", b'"5'), "row "),
    "behind the last comma": (b"1,2,\n3,4,\n5,6,7\n", "row 3: has 3 columns"),
    "semicolons": (b"1;2\n3;4\n", "row 1, column 1: '1;2' holds several values"),
    "spaces": (b"0.5 0.25\n", "row 1, column 1: '0.5 0.25' holds several values"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named(tmp_path, name):
    content, words = DAMAGED[name]
    path = tmp_path / "damaged.csv"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_numbers(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert "\n" not in message


FAR = {
    "1,2,3,4": "row 3001: has 4 columns",
    "1,2": "row 3001: has 2 columns",
    "1,x,3,": "row 3001, column 2: 'x'",
    "1,\udce9,3,": "row 3001: byte 0xe9 at place 3 is not UTF-8",
    '1,"2,3,': "row 3001",
}


@pytest.mark.parametrize("row", FAR)
@pytest.mark.parametrize("piece", [1, 4000, 1 << 18])
def test_damage_far_into_a_file_is_found(tmp_path, monkeypatch, row, piece):
    monkeypatch.setattr(csv, "PIECE", piece)
    path = tmp_path / "long.csv"
    rows = ["1,2,3,"] * 5000
    rows[3000] = row
    path.write_bytes("\n".join(rows).encode(errors="surrogateescape"))
    with pytest.raises(UserError) as caught:
        read_numbers(path)
    assert FAR[row] in str(caught.value)


def test_pieces_make_one_whole(tmp_path, monkeypatch):
    path = tmp_path / "pieces.csv"
    wanted = np.random.default_rng(0).integers(-9, 9, (50, 3)) / 2
    np.savetxt(path, wanted, fmt="%g", delimiter=",")
    monkeypatch.setattr(csv, "PIECE", 7)
    assert np.array_equal(read_numbers(path).numbers, wanted)


@given(content=st.binary(max_size=200))
@settings(max_examples=25, deadline=None)
def test_any_bytes_are_read_or_refused_in_one_line(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.csv"
        path.write_bytes(content)
        message, numbers = f"{path}: ", np.zeros(0)
        try:
            numbers = read_numbers(path).numbers
        except UserError as error:
            message = str(error)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert np.isfinite(numbers).all()


def test_missing_values_are_nan_where_allowed(tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text("1,,3\nNA,5,6\n7,nan,\n")
    numbers = read_numbers(path, missing_allowed=True).numbers
    assert np.isnan(numbers).tolist() == [[False, True, False], [True, False, False], [0, 1, 1]]
    with pytest.raises(UserError, match="row 1, column 2"):
        read_numbers(path)
    path.write_text("1,,3\n4,5\n")
    with pytest.raises(UserError, match="row 2: has 2 columns"):
        read_numbers(path, missing_allowed=True)


def test_no_file_and_no_plain_file(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        read_numbers(tmp_path / "absent.csv")
    with pytest.raises(UserError, match="is a folder where a file belongs"):
        read_numbers(tmp_path)
    with pytest.raises(UserError, match="no such file"):
        read_numbers(Path(__file__) / "below.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(UserError, match="a pipe"):
        read_numbers(tmp_path / "pipe.csv")


@contextmanager
def plain_user():
    """Give up root's right to read everything, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "secret.csv"
    path.write_bytes(ROWS)
    path.chmod(0)
    with plain_user(), pytest.raises(UserError, match="Permission denied"):
        read_numbers(path)
