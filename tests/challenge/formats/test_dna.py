"""DNA editions, however their sets, Ids and headers are laid out."""

import numpy as np
import pytest

from rosenblatt.challenge import (
    check_submission,
    load_challenge,
    sniff,
    submission_form,
    write_submission,
)
from rosenblatt.challenge.formats import dna
from rosenblatt.errors import UserError
from rosenblatt.features.sequences import encode
from tests.challenge.folders import lines

TRAIN, TEST = ["ACGT", "GGNAC", "TTTT"], ["CCGA", "ACG"]


def with_ids(folder, sets, ids_run_on):
    """Write an edition with Ids and headers in all files."""
    for number in range(sets):
        base = 3 * number if ids_run_on else 0
        lines(folder / f"Xtr{number}.csv", ["Id,seq", *numbered(base, TRAIN)])
        lines(folder / f"Ytr{number}.csv", ["Id,Bound", *numbered(base, "010")])
        first = 2 * number if ids_run_on else 0
        lines(folder / f"Xte{number}.csv", ["Id,seq", *numbered(first, TEST)])


def numbered(base, values):
    return [f"{base + row},{value}" for row, value in enumerate(values)]


@pytest.mark.parametrize("ids_run_on", [True, False])
def test_three_sets_whose_ids_run_on_or_overlap(tmp_path, ids_run_on):
    with_ids(tmp_path, 3, ids_run_on)
    assert sniff(tmp_path)[0] is dna
    challenge = load_challenge(tmp_path)
    assert (challenge.kind, challenge.classes) == ("dna", ("0", "1"))
    np.testing.assert_array_equal(challenge.train, encode(TRAIN * 3))
    np.testing.assert_array_equal(challenge.test[:, :4], encode(TEST * 3))
    np.testing.assert_array_equal(challenge.labels, [0, 1, 0] * 3)
    np.testing.assert_array_equal(challenge.train_sets, np.repeat([0, 1, 2], 3))
    np.testing.assert_array_equal(challenge.test_sets, np.repeat([0, 1, 2], 2))
    assert challenge.test_ids == tuple("012345")
    write_submission(tmp_path / "out.csv", challenge, np.array([0, 1] * 3))
    assert check_submission(tmp_path / "out.csv", submission_form(tmp_path, challenge)) == []
    assert (tmp_path / "out.csv").read_text().startswith("Id,Bound\n0,0\n1,1\n")


@pytest.mark.parametrize("number", ["", "0"])
def test_no_header_no_ids_and_a_label_file_whose_id_has_no_name(tmp_path, number):
    lines(tmp_path / f"Xtr{number}.csv", TRAIN)
    lines(tmp_path / f"Ytr{number}.csv", [",Bound", *numbered(0, ["-1", "1", "-1"])])
    lines(tmp_path / f"Xte{number}.csv", TEST)
    lines(tmp_path / f"Xtr{number}_mat50.csv", ["0.1 0.2", "0.3 0.4", "0.5 0.6"])
    challenge = load_challenge(tmp_path)
    assert challenge.classes == ("-1", "1")
    assert (challenge.id_column, challenge.label_column) == ("Id", "Bound")
    assert challenge.test_ids == ("0", "1")
    assert "word counts" in dict(challenge.files)[f"Xtr{number}_mat50.csv"]


def test_ids_tell_which_label_is_whose(tmp_path):
    with_ids(tmp_path, 1, True)
    lines(tmp_path / "Ytr0.csv", ["Id,Bound", "2,0", "0,0", "1,1"])
    np.testing.assert_array_equal(load_challenge(tmp_path).labels, [0, 1, 0])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("Xtr1.csv", ["Id,seq", "3,ACGT", "4,AC!T", "5,A"], r"Xtr1\.csv: row 3, letter 3 is '!'"),
        ("Xte0.csv", ["Id,seq", "0,ACGT", "1,"], r"Xte0\.csv"),
        ("Xtr0.csv", ["Id,seq", "0,ACGT", "1,A,C", "2,C"], r"Xtr0\.csv: row 3: has 3 columns"),
        ("Ytr0.csv", ["Id,Bound", "0,1"], r"Ytr0\.csv: has 1 labels"),
    ],
)
def test_faults_are_named_by_file_and_row(tmp_path, name, content, message):
    with_ids(tmp_path, 2, True)
    lines(tmp_path / name, content)
    with pytest.raises(UserError, match=message):
        load_challenge(tmp_path)


def test_a_missing_file_of_a_set_is_named(tmp_path):
    with_ids(tmp_path, 2, True)
    (tmp_path / "Xte1.csv").unlink()
    with pytest.raises(UserError, match=r"Xte1\.csv: no such file"):
        load_challenge(tmp_path)
