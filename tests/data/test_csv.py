"""CSV of numbers: what is written is what is read, and what is wrong is named."""

import gzip
import hashlib
import os
import tempfile
import zipfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rosenblatt.data import csv, source
from rosenblatt.data.csv import read_numbers
from rosenblatt.data.layout import read_layout, read_layouts
from rosenblatt.data.source import sources_in
from rosenblatt.errors import UserError

shapes = st.tuples(st.integers(1, 6), st.integers(1, 9))
finite = st.floats(-(2.0**127), 2.0**127, width=32)  # a rounded one is a float32 too
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


def test_a_comma_that_may_part_thousands_is_refused_unless_another_cannot(tmp_path, monkeypatch):
    monkeypatch.setattr("rosenblatt.data.csv.PIECE", 4)  # the one that tells is pieces away
    path = tmp_path / "t.csv"
    rows = ["a;b", "7;8", *["922;-1,234"] * 5]
    path.write_text("\n".join(rows))
    with pytest.raises(UserError, match=r"row 3, column 2: is '-1,234' thousands, or a decimal"):
        read_numbers(path)
    for cell, number in (("0,123", 0.123), ("12,5", 12.5), ("1,0000", 1), ("1234,567", 1234.567)):
        path.write_text("\n".join([*rows, f"1;{cell}"]))
        numbers = read_numbers(path).numbers
        assert numbers[-2:, 1].tolist() == pytest.approx([-1.234, number])


@pytest.mark.parametrize("mark", ["\t", "|"])
def test_tabs_and_bars_part_cells_too(tmp_path, mark):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(mark.join(row) for row in ("ab", "12", "34")))
    assert read_layout(path).header == ("a", "b")
    assert read_numbers(path).numbers.tolist() == [[1, 2], [3, 4]]


def test_spaces_between_cells_are_named_ahead_of_the_header(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("\n".join(" ".join(row) for row in ("ab", "12", "34")))
    with pytest.raises(UserError, match=r"row 1, column 1: .* holds several values; save the file"):
        read_layout(path)
    path.write_text("<!DOCTYPE html>\n<html>Log in, please</html>\n")
    with pytest.raises(UserError, match="is a web page"):
        read_layout(path)


def test_rows_between_semicolons_and_rows_over_several_lines(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text('a;b;c\n"x; y";1,5;2\n\n"say ""a\nb""";-,25;1e2;\n')
    with pytest.raises(UserError, match="row 4: has 4 columns where the first row has 3"):
        read_numbers(path, (0,))
    path.write_text('a;b;c\n"x; y";1,5;2;\n\n"say ""a\nb""";-,25;1e2;\n')
    for _ in range(2):  # parsed, then out of the cache
        table = read_numbers(path, (0,))
        assert table.text == {0: ["x; y", 'say "a\nb"']}
        assert table.numbers.tolist() == [[1.5, 2], [-0.25, 100]]
        assert table.lines.tolist() == [2, 4]


def test_what_decides_the_parse_is_not_mixed_up_in_the_cache(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_text("1,2,3\n4,5,6\n")
    for header, rows in ((True, [[4, 5, 6]]), (False, [[1, 2, 3], [4, 5, 6]])):
        layout = read_layout(path, header)
        assert read_numbers(path, layout=layout).numbers.tolist() == rows
    assert read_numbers(path, (1,), layout=layout).numbers.tolist() == [[1, 3], [4, 6]]
    assert read_numbers(path, (), layout=layout, left_out=(0,)).numbers.tolist() == [[2, 3], [5, 6]]


NAMED = {
    "words": ["a,b", "1,2"],
    "a word, then numbers that count": ["label,1,2,3", "0,5,5,5"],
    "many numbers that count": [",".join(map(str, range(10))), ",".join("5" * 10)],
    "an Id without a name": [",f0", "1,2"],
    "known names above text": ["Id,label", "a,x", "b,y"],
}
UNNAMED = {
    "numbers": ["5,1", "6,2"],
    "numbers that count, there twice": ["0,1,2", "3,4,5", "0,1,2"],
    "a text that recurs": ["cat,1,2", "dog,3,4", "cat,5,6"],
    "Ids of text": ["a7,5,2", "a8,3,3", "a9,1,1"],
    "missing values": ["NA,?,", "1,2,3"],
}
EITHER = {
    "few numbers that count": ["0,1,2", "3,4,5"],
    "a text among numbers": ["9,x,3", "4,5,6"],
    "a label that occurs once": ["cat,1,2", "dog,3,4", "dog,5,6"],
    "unknown names above text": ["Kind,Sort", "a,x", "b,y"],
}


@pytest.mark.parametrize("name", [*NAMED, *UNNAMED, *EITHER])
def test_a_first_row_is_names_or_values_or_refused(tmp_path, name):
    path = tmp_path / "first.csv"
    path.write_text("\n".join((NAMED | UNNAMED | EITHER)[name]))
    if name in EITHER:
        with pytest.raises(UserError, match=r"row 1: is it names, or values.*header = false"):
            read_layout(path)
        assert read_layout(path, True).header == tuple(EITHER[name][0].split(","))
        assert read_layout(path, False).header is None
    else:
        assert (read_layout(path).header is not None) == (name in NAMED)


@pytest.mark.parametrize(
    ("first", "second", "header"),
    [
        (["label,0,1,2", "7,5,5,5"], ["0,1,2", "4,4,4"], True),
        (["label,age,2019,2020", "1,5,5,5"], ["age,2019,2020", "4,4,4"], True),
        (["cat,2019,2020", "dog,1,2"], ["2019,2020", "3,4"], True),
        (["1,2,3", "5,5,5"], ["1,2,3", "4,4,4"], True),
        (["label,0,1,2", "7,5,5,5"], ["6,5,4", "4,4,4"], None),
        (["1100,1102,1104", "5,5,5"], ["1100,1102,1104", "4,4,4"], None),
        (["4,9,3", "5,6,7"], ["4,9,3", "5,6,7"], False),  # a copy of the rows, not names
        (["a,b", "1,2"], ["5,9", "3,4"], "first"),
    ],
)
def test_the_first_rows_of_two_files_are_looked_at_together(tmp_path, first, second, header):
    paths = [tmp_path / "train.csv", tmp_path / "test.csv"]
    for path, rows in zip(paths, (first, second), strict=True):
        path.write_text("\n".join(rows))
    for files in (paths, paths[::-1]):
        if header is None:
            with pytest.raises(UserError, match="is it names, or values"):
                read_layouts(files)
        else:
            found = {layout.header is not None for layout in read_layouts(files)}
            assert found == ({header} if header != "first" else {True, False})


def test_packed_files_are_read_where_they_lie(tmp_path):
    content = b"a,b\n1,2\n"
    with gzip.open(tmp_path / "t.csv.gz", "wb") as file:
        file.write(content)
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("folder/t.csv", content)
        archive.writestr("__MACOSX/._t.csv", b"?")
    sources = [source for path in sorted(tmp_path.iterdir()) for source in sources_in(path)]
    assert [source.name for source in sources] == ["t.csv", "t.csv"]
    for found in sources:
        assert read_numbers(found).numbers.tolist() == [[1, 2]]
        assert found.digest() == hashlib.sha256(content).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.zip", "t.csv.gz"]


def test_packed_files_that_are_damaged_or_swell_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"1,2\n" * 99)[:-9])
    with pytest.raises(UserError, match="cannot be unpacked"):
        read_numbers(sources_in(path)[0])
    monkeypatch.setattr(source, "SMALL", 1 << 10)
    path.write_bytes(gzip.compress(b"0,0\n" * 100_000))
    with pytest.raises(UserError, match="unpacks to more than"):
        read_numbers(sources_in(path)[0])
    path = tmp_path / "t.zip"
    path.write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(UserError, match="cannot be unpacked"):
        sources_in(path)


ROWS = b"9,2,3\n4,5,6\n7,8,9\n"
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
    "text in the first row": (
        ROWS.replace(b"2", b"two"),
        "'two' stands above numbers, in column 2",
    ),
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
    "behind the last comma": (b"9,2,\n3,4,\n5,6,7\n", "row 3: has 3 columns"),
    "two names alike": (b"a,b,a\n" + ROWS, "row 1: 'a' names the columns 1 and 3"),
    "a decimal comma": (ROWS.replace(b"5", b'"5,5"'), "row 2, column 2: is '5,5' one number or"),
    "points and commas": (b"7;1,5\n8;2.5\n", "row 2, column 2: '2.5' has '.', "),
    "commas of thousands": (b"7;1,5\n8;1.000,5\n", "row 2, column 2: '1.000,5' has ','"),
    "a question mark": (ROWS.replace(b"5", b"?"), "row 2, column 2: ? stands for no value"),
    "another script's space": (ROWS.replace(b"5", "\u30005".encode()), "row 2, column 2"),
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
