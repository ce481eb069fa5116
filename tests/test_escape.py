"""Any name comes back from a cell, and no cell moves a cursor, breaks a line or is a formula."""

import csv
import io
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from rosenblatt.escape import cell, from_cell, restored, visible

# Of any characters, surrogates too, and more often of those that some format gives a meaning.
NASTY = st.text(
    st.characters() | st.sampled_from("=+-@'\"\\{}u5c\t\n\r\0\u202e\u200f\ud800\ufeff,; ")
)


@given(NASTY)
@example("'=1")
@example("\\u{5c}u{a}")
@example("\\u{ffffff}")
@example("\uff1d1")
@example("x" * 100_000)
def test_what_is_written_is_read(text):
    assert restored(visible(text)) == text
    assert from_cell(cell(text)) == text


@given(NASTY)
def test_no_cell_is_a_formula_or_leaves_its_line(text):
    written = cell(text)
    written.encode()  # no lone surrogate
    assert written.lstrip(" \u00a0\u3000'")[:1] not in tuple("=+-@") or written.startswith("'")
    bad = {unicodedata.category(char) for char in written} & {"Cc", "Cs", "Zl", "Zp"}
    assert not bad
    assert not set(written) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\ufeff")
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow([written, "next"])
    assert line.getvalue().count("\n") == 1
    assert next(csv.reader(io.StringIO(line.getvalue(), newline=""))) == [written, "next"]


def test_letters_stay_themselves():
    for text in (
        "caf\u00e9",
        "\u05e9\u05dc\u05d5\u05dd",
        "\u4f60\u597d",
        "\U0001f600",
        "a b",
        "C:\\users\\ada",
        "\u0915\u094d\u200d\u0937",
    ):
        assert visible(text) == text == cell(text)
