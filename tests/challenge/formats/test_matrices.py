"""Sets of plain numbers, with commas or spaces, and tables that are no images."""

import json

import numpy as np
import pytest

from rosenblatt.challenge import check_submission, load_challenge, sniff, submission_form
from rosenblatt.challenge.formats import matrices, tables
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from tests.challenge.folders import course, lines

RNG = np.random.default_rng


def blobs(rows, seed):
    labels = np.arange(rows) % 2
    return RNG(seed).random((rows, 5)) + labels[:, None], labels


def matrix_sets(folder, width=50, sets="012"):
    for number in sets:
        x, labels = blobs(20, 0)
        lines(folder / f"Xtr{number}_mat{width}.csv", [" ".join(map(str, row)) for row in x])
        lines(
            folder / f"Ytr{number}.csv", ["Id,Bound", *(f"{n},{y}" for n, y in enumerate(labels))]
        )
        x, _ = blobs(8, 1)
        lines(folder / f"Xte{number}_mat{width}.csv", [" ".join(map(str, row)) for row in x])
    return folder


@pytest.mark.parametrize(("width", "sets"), [(50, "012"), (100, ("",))])
def test_matrices_between_spaces_are_read_and_submitted(tmp_path, monkeypatch, width, sets):
    folder = matrix_sets(tmp_path / "data", width, sets)
    assert sniff(folder)[0] is matrices
    challenge = load_challenge(folder)
    assert (challenge.kind, challenge.train.shape) == ("numbers", (20 * len(sets), 5))
    np.testing.assert_allclose(challenge.train[:20], blobs(20, 0)[0], rtol=1e-6)
    assert challenge.test_ids == tuple(map(str, range(8 * len(sets))))
    monkeypatch.chdir(tmp_path)
    assert main(["submit", "data", "--quick", "--out", "out.csv", "--threads", "1"]) == 0
    assert check_submission(tmp_path / "out.csv", submission_form(folder, challenge)) == []
    said = [row.split(",")[1] for row in (tmp_path / "out.csv").read_text().split()[1:]]
    assert np.mean(np.array(said, int) == np.arange(8 * len(sets)) % 2) > 0.9


def test_the_wider_matrix_is_taken(tmp_path):
    matrix_sets(tmp_path, 50)
    matrix_sets(tmp_path, 100, "0")
    assert load_challenge(tmp_path).files[0][0] == "Xtr0_mat100.csv"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            ["1 2 3 4 9", "1 2 3 4"],
            r"mat50\.csv: row 2: has 4 columns where the first row has 5",
        ),
        (["1 2 3 4 9", "", "1 x 3 4 5"], r"Xte0_mat50\.csv: row 3, column 2: 'x' where a number"),
        (["1 2 3 4 nan"], r"row 1, column 5: nan stands for no value"),
        ([" "], "holds blank lines only"),
        (["1 2 3 4 1e39"], r"row 1, column 5: '1e39' is infinite"),
        (["1 2 3 4 0,5"], r"row 1, column 5: is '0,5' one number"),
    ],
)
def test_faults_of_matrices_are_named(tmp_path, content, message):
    matrix_sets(tmp_path)
    lines(tmp_path / "Xte0_mat50.csv", content)
    with pytest.raises(UserError, match=message):
        load_challenge(tmp_path)


def test_a_table_that_is_no_image_says_so_in_its_settings(tmp_path, monkeypatch, capsys):
    (x, labels), (new, _) = blobs(20, 0), blobs(6, 1)
    names = np.array(["low", "high"])[labels]
    folder = course(tmp_path / "data", x, names, new)
    with pytest.raises(UserError, match="or kind = 'table'"):
        load_challenge(folder)
    (folder / "challenge.toml").write_text('kind = "table"\n')
    challenge = load_challenge(folder)
    assert sniff(folder)[0] is tables
    assert (challenge.kind, challenge.train.shape) == ("table", (20, 5))
    monkeypatch.chdir(tmp_path)
    assert main(["submit", "data", "--quick", "--out", "out.csv", "--threads", "1"]) == 0
    said = [row.split(",")[1] for row in (tmp_path / "out.csv").read_text().split()[1:]]
    assert said == ["low", "high"] * 3
    assert main(["evaluate", "data", "--worst", "w.png", "--threads", "1"]) == 2
    assert "--worst draws images" in capsys.readouterr().err


def test_inspect_says_what_sequences_and_numbers_are(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    folder = matrix_sets(tmp_path / "numbers")
    assert main(["inspect", "numbers", "--out", "sheet.png", "--json", "found.json"]) == 0
    assert "why      edition of number matrices: Xtr0_mat50.csv" in capsys.readouterr().out
    for number in "012":
        lines(folder / f"Xtr{number}.csv", ["ACGTN", "ACGRT", "GATTA", "AC", *["CCGT"] * 16])
        lines(folder / f"Xte{number}.csv", ["ACGTA"] * 8)
    assert main(["inspect", "numbers", "--out", "sheet.png", "--json", "found.json"]) == 0
    said = capsys.readouterr().out
    assert "train    60 sequences of 2 to 5 letters: A 15, C 105, G 57, T 60, unknown 3" in said
    assert json.loads((tmp_path / "found.json").read_text())["train"]["letters"]["unknown"] == 3
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    assert main(["inspect", "numbers", "--augment", "--out", "s.png"]) == 2
    assert "--augment shows changed images" in capsys.readouterr().err


def test_a_set_that_is_missing_between_others_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"has Xtr2_mat50.csv and no Xtr1_mat50.csv"):
        load_challenge(matrix_sets(tmp_path, 50, "02"))
