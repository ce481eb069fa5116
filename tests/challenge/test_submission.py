"""A submission is right before it is written, and every fault of a wrong one is named."""

import gzip
import hashlib
import os
from contextlib import contextmanager

import numpy as np
import pytest

from rosenblatt.challenge import (
    check_submission,
    load_challenge,
    submission_form,
    write_submission,
)
from rosenblatt.challenge.submission import is_sample
from rosenblatt.errors import UserError
from tests.challenge.folders import kaggle, lines, pixels, small_course
from tests.data.test_csv import plain_user

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None

GOOD = "Id,Prediction\n1,0\n2,1\n3,0\n"


@pytest.fixture
def challenge(tmp_path):
    return load_challenge(small_course(tmp_path / "data"))


@pytest.fixture
def form(tmp_path, challenge):
    return submission_form(tmp_path / "data", challenge)


def test_written_as_expected(tmp_path, challenge, form):
    path = tmp_path / "new" / "out.csv"
    digest = write_submission(path, challenge, np.array([0, 1, 0], np.int32))
    assert path.read_bytes() == GOOD.encode()
    assert digest == hashlib.sha256(GOOD.encode()).hexdigest()
    assert check_submission(path, form) == []


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
        ["row 1: header is '1,0'", "Id 1 is missing", "has 2 rows"],
    ),
    "missing": (GOOD.replace("2,1\n", ""), ["Id 2 is missing", "has 2 rows, expected 3"]),
    "unexpected": (GOOD + "4,0\n", ["row 5: unexpected Id '4'", "has 4 rows, expected 3"]),
    "twice": (
        GOOD.replace("3,0", "2,0"),
        ["row 4: Id 2 occurs already in row 3", "Id 3 is missing"],
    ),
    "label": (GOOD.replace("2,1", "2,7"), ["row 3: label '7' is not one of 0, 1"]),
    "label as float": (GOOD.replace("2,1", "2,1.0"), ["row 3: label '1.0' is not one of 0, 1"]),
    "columns": (GOOD.replace("2,1", "2,1,1"), ["row 3: has 3 columns, expected 2"]),
    "one column": (GOOD.replace("2,1", "2"), ["row 3: has 1 columns, expected 2"]),
    "empty": ("", ["the file is empty"]),
    "header alone": ("Id,Prediction\n", ["row 1: the file has a header and no rows"]),
    "byte-order mark": ("\ufeff" + GOOD, ["row 1: begins with a byte-order mark"]),
    "Latin-1": (GOOD.replace("2,1", "2,é").encode("latin-1"), ["row 3: byte 0xe9"]),
    "UTF-16": (GOOD.encode("utf-16"), ["row 1 is UTF-16"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_named_with_its_row(tmp_path, form, name):
    content, words = FAULTS[name]
    path = tmp_path / "out.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    faults = [str(fault) for fault in check_submission(path, form)]
    assert len(faults) == len(words)
    for fault, wanted in zip(faults, words, strict=True):
        assert wanted in fault


@pytest.mark.parametrize(
    "content",
    [
        GOOD.replace("\n", "\r\n"),
        "Id,Prediction\n1,0\n3,0\n2,1\n",
        '"Id","Prediction"\n"1","0"\n"2","1"\n"3","0"\n',
    ],
)
def test_line_endings_order_and_quotes_are_free(tmp_path, form, content):
    path = tmp_path / "out.csv"
    path.write_bytes(content.encode())
    assert check_submission(path, form) == []


def test_no_file(tmp_path, form):
    with pytest.raises(UserError, match="no such file"):
        check_submission(tmp_path / "absent.csv", form)
    with pytest.raises(UserError, match="is a folder"):
        check_submission(tmp_path, form)


def told(folder):
    form = submission_form(folder, load_challenge(folder))
    return form, " ".join(form.sources), " ".join(form.unchecked)


def test_without_sample_or_ids_it_is_said_that_we_counted(tmp_path):
    form, sources, unchecked = told(small_course(tmp_path))
    assert form.ids == ("1", "2", "3")
    assert "labels with Ytr.csv" in sources
    assert "we counted them" in unchecked
    assert "the header" in unchecked


def test_ids_of_the_test_file_and_labels_of_the_training_file(tmp_path):
    folder = kaggle(tmp_path, pixels(4, 784), ["b", "a", "b", "a"], pixels(2, 784), label="kind")
    (folder / "sample_submission.csv").unlink()
    rows = (folder / "test.csv").read_text().splitlines()
    lines(
        folder / "test.csv", [f"{key},{row}" for key, row in zip(["id", 70, 60], rows, strict=True)]
    )
    form, sources, unchecked = told(folder)
    assert (form.ids, form.labels) == (("70", "60"), ("a", "b"))
    assert "Ids with test.csv" in sources
    assert "labels with train.csv" in sources
    assert "we counted" not in unchecked


def test_the_sample_is_the_source_and_its_placeholders_are_no_labels(tmp_path):
    folder = small_course(tmp_path / "data")
    lines(folder / "sample_submission.csv", ["Id, answer", "b,?", "a,?", "c,?"])
    form, sources, unchecked = told(folder)
    assert form.headers == (("Id", "answer"), ("Id", " answer"))
    assert form.ids == ("b", "a", "c")
    assert "header with sample_submission.csv Ids with sample_submission.csv" in sources
    assert unchecked == ""
    path = tmp_path / "out.csv"
    lines(path, ["Id, answer", "a,1", "b,?", "c,0"])
    assert [str(fault) for fault in check_submission(path, form)] == [
        "row 3: label '?' is the placeholder of the sample submission; write a prediction"
    ]


def test_a_sample_without_header_tells_the_ids_alone(tmp_path):
    folder = small_course(tmp_path)
    lines(folder / "sample_submission.csv", ["3,0", "1,0", "2,0"])
    form, sources, unchecked = told(folder)
    assert form.ids == ("3", "1", "2")
    assert form.headers == (("Id", "Prediction"),)
    assert "Ids with sample_submission.csv" in sources
    assert unchecked == "the header: sample_submission.csv has none"


def test_columns_that_challenge_toml_names_and_packed_files(tmp_path):
    folder = kaggle(tmp_path, pixels(4, 784), ["b", "a", "b", "a"], pixels(2, 784), label="kind")
    (folder / "sample_submission.csv").unlink()
    rows = (folder / "test.csv").read_text().splitlines()
    ids = "key", "70", "60"
    numbered = [f"{key},{row}\n" for key, row in zip(ids, rows, strict=True)]
    (folder / "test.csv").unlink()
    (folder / "test.csv.gz").write_bytes(gzip.compress("".join(numbered).encode()))
    (folder / "challenge.toml").write_text('id = "key"\ntarget = "kind"\n')
    form, sources, _ = told(folder)
    assert (form.ids, form.labels) == (("70", "60"), ("a", "b"))
    assert "Ids with test.csv labels with train.csv" in sources


def test_a_sample_handed_in_as_it_is_looks_odd(tmp_path):
    folder = small_course(tmp_path / "data")
    sample = folder / "sample_submission.csv"
    lines(sample, ["Id,Prediction", "3,0", "1,0", "2,0"])
    form, _, _ = told(folder)
    assert check_submission(sample, form) == []
    assert is_sample(sample, form)
    lines(tmp_path / "out.csv", ["Id,Prediction", "3,0", "1,1", "2,0"])
    assert not is_sample(tmp_path / "out.csv", form)


def spelled(folder, labels, shown):
    """Return the challenge of such labels, whose sample submission shows one, and its form."""
    kaggle(folder, pixels(len(labels), 784), labels, pixels(3, 784), label="kind")
    lines(folder / "sample_submission.csv", ["Id,kind", *[f"{row},{shown}" for row in (1, 2, 3)]])
    challenge = load_challenge(folder)
    return challenge, submission_form(folder, challenge)


@pytest.mark.parametrize(
    ("labels", "shown", "good", "bad"),
    [
        (("0.0", "1.0"), "0.0", ("0.0", "1.0", "0.0"), ("0.0", "1", "0.0")),
        (("0.0", "1.0"), "0", ("0", "1", "0"), ("0", "1.0", "0")),
        (("0", "1"), "0.0", ("0.0", "1.0", "0.0"), ("0.0", "1", "0.0")),
        (("01", "02"), "01", ("01", "02", "01"), ("01", "2", "01")),
        (("0.0", "1.0"), "0.0", ("0.0", "1.0", "0.0"), ("0.0", "0", "0.0")),
        (("TRUE", "FALSE"), "False", ("FALSE", "TRUE", "FALSE"), ("FALSE", "True", "FALSE")),
        (("cat ", "dog "), "cat", ("cat", "dog", "cat"), ("cat", "dog ", "cat")),
        (("cat ", "dog "), "cat", ("cat", "dog", "cat"), ("cat", "dog\t", "cat")),
    ],
)
def test_two_spellings_in_a_submission_are_found(tmp_path, labels, shown, good, bad):
    challenge, form = spelled(tmp_path / "data", labels * 4, shown)
    path = tmp_path / "out.csv"
    write_submission(path, challenge, np.array([0, 1, 0]))
    assert path.read_text() == "".join(
        f"{row}\n" for row in ("Id,kind", *(f"{i},{name}" for i, name in enumerate(good, 1)))
    )
    assert check_submission(path, form) == []
    lines(path, ["Id,kind", *(f"{i},{name}" for i, name in enumerate(bad, 1))])
    assert [fault.row for fault in check_submission(path, form)] == [3]


def test_a_submission_all_of_whole_numbers_is_one_way(tmp_path):
    _, form = spelled(tmp_path / "data", ("0.0", "1.0") * 4, "0.0")
    lines(tmp_path / "out.csv", ["Id,kind", "1,0", "2,1", "3,0"])
    assert check_submission(tmp_path / "out.csv", form) == []
    lines(tmp_path / "out.csv", ["Id,kind", "1,0.0", "2,1", "3,0.0"])
    assert [str(fault) for fault in check_submission(tmp_path / "out.csv", form)] == [
        "row 3: label '1' is spelled otherwise than '0.0' in other rows; write '1.0'"
    ]


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
