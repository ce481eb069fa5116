"""A submission is right before it is written, and every fault of a wrong one is named."""

import hashlib
import os
from contextlib import contextmanager

import numpy as np
import pytest

from rosenblatt.challenge import check_submission, load_challenge, write_submission
from rosenblatt.errors import UserError
from tests.challenge.folders import small_course
from tests.data.test_csv import plain_user

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None

GOOD = "Id,Prediction\n1,0\n2,1\n3,0\n"


@pytest.fixture
def challenge(tmp_path):
    return load_challenge(small_course(tmp_path / "data"))


def test_written_as_expected(tmp_path, challenge):
    path = tmp_path / "new" / "out.csv"
    digest = write_submission(path, challenge, np.array([0, 1, 0], np.int32))
    assert path.read_bytes() == GOOD.encode()
    assert digest == hashlib.sha256(GOOD.encode()).hexdigest()
    assert check_submission(path, challenge) == []


@pytest.mark.parametrize(
    "predictions", [[0, 1], [0, 1, 2], [0, -1, 0], [0.0, 1.0, 0.0], [[0], [1], [0]]]
)
def test_predictions_that_do_not_fit_write_nothing(tmp_path, challenge, predictions):
    path = tmp_path / "out.csv"
    path.write_text("earlier")
    with pytest.raises(ValueError, match="predictions"):
        write_submission(path, challenge, np.array(predictions))
    assert path.read_text() == "earlier"
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["out.csv"]


FAULTS = {
    "header": (GOOD.replace("Id", "ID"), ["row 1: header is 'ID,Prediction', expected"]),
    "no header": (
        GOOD.partition("\n")[2],
        ["row 1: header is '1,0'", "row 2: Id 1 is missing", "has 2 rows"],
    ),
    "missing": (GOOD.replace("2,1\n", ""), ["row 3: Id 2 is missing", "has 2 rows, expected 3"]),
    "unexpected": (GOOD + "4,0\n", ["row 5: unexpected Id '4'", "has 4 rows, expected 3"]),
    "twice": (
        GOOD.replace("3,0", "2,0"),
        ["row 4: Id 2 occurs already in row 3", "row 4: Id 3 is missing"],
    ),
    "order": ("Id,Prediction\n1,0\n3,0\n2,1\n", ["row 3: Id 3 out of order, expected 2"]),
    "label": (GOOD.replace("2,1", "2,7"), ["row 3: label '7' is none of 0, 1"]),
    "label as float": (GOOD.replace("2,1", "2,1.0"), ["row 3: label '1.0' is none of 0, 1"]),
    "columns": (GOOD.replace("2,1", "2,1,1"), ["row 3: has 3 columns, expected 2"]),
    "one column": (GOOD.replace("2,1", "2"), ["row 3: has 1 columns, expected 2"]),
    "empty": ("", ["the file is empty"]),
    "header alone": ("Id,Prediction\n", ["row 1: the file has a header and no rows"]),
    "byte-order mark": ("\ufeff" + GOOD, ["row 1: begins with a byte-order mark"]),
    "Latin-1": (GOOD.replace("2,1", "2,é").encode("latin-1"), ["row 3: byte 0xe9"]),
    "UTF-16": (GOOD.encode("utf-16"), ["row 1 is UTF-16"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_with_its_row(tmp_path, challenge, name):
    content, words = FAULTS[name]
    path = tmp_path / "out.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    faults = [str(fault) for fault in check_submission(path, challenge)]
    assert len(faults) == len(words)
    for fault, wanted in zip(faults, words, strict=True):
        assert wanted in fault


def test_line_endings_of_windows_are_fine(tmp_path, challenge):
    path = tmp_path / "out.csv"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode())
    assert check_submission(path, challenge) == []


def test_no_file(tmp_path, challenge):
    with pytest.raises(UserError, match="no such file"):
        check_submission(tmp_path / "absent.csv", challenge)
    with pytest.raises(UserError, match="is a folder"):
        check_submission(tmp_path, challenge)


@contextmanager
def full_disk():
    """Let no file grow beyond ten bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.skipif(resource is None, reason="needs RLIMIT_FSIZE")
def test_no_space_left_keeps_the_earlier_submission(tmp_path, challenge):
    path = tmp_path / "out" / "out.csv"
    path.parent.mkdir()
    path.write_text(GOOD)
    with full_disk(), pytest.raises(UserError) as caught:
        write_submission(path, challenge, np.array([1, 1, 1]))
    assert str(caught.value).startswith(f"{path}: cannot be written (File too large)")
    assert path.read_text() == GOOD
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
def test_a_read_only_folder_keeps_the_earlier_submission(tmp_path, challenge):
    path = tmp_path / "out" / "out.csv"
    path.parent.mkdir()
    path.write_text(GOOD)
    path.parent.chmod(0o555)
    with plain_user(), pytest.raises(UserError, match="Permission denied"):
        write_submission(path, challenge, np.array([1, 1, 1]))
    assert path.read_text() == GOOD
    assert list(path.parent.iterdir()) == [path]
    path.parent.chmod(0o755)
