"""`inspect` says what is there, and what is odd about it."""

import io
import json

import matplotlib.image
import numpy as np
import pytest

from rosenblatt.cli import main
from tests.challenge.folders import course, pixels, small_course


def run(capsys, *arguments):
    assert main(["inspect", *map(str, arguments)]) == 0
    return capsys.readouterr()


def test_json_has_what_is_printed(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    sheet = tmp_path / "sheet.png"
    said = run(capsys, folder, "--out", sheet, "--json", tmp_path / "found.json").out
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["files"] == {
        "Xtr.csv": "training images",
        "Ytr.csv": "training labels",
        "Xte.csv": "test images",
    }
    assert found["counts"] == {"0": 3, "1": 3}
    assert found["train"]["rows"] == 6
    assert found["train"]["shape"] == [1, 8, 8]
    assert found["train"]["most"] == pixels(6).max()
    assert found["train"]["whole"] is True
    assert found["ids"] == {"column": "Id", "first": "1", "last": "3", "count": 3}
    assert f"digest   {found['digest']}" in said
    assert "classes  0 3, 1 3" in said


def test_json_alone_goes_to_standard_output(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    said = run(capsys, folder, "--out", tmp_path / "sheet.png", "--json", "-")
    assert json.loads(said.out)["kind"] == "image"
    assert "train    6 rows of 1 x 8 x 8, whole numbers from 0 to 16" in said.err


def test_odd_things_are_said(tmp_path, capsys):
    train, test = pixels(8).astype(object), pixels(3, seed=1).astype(object)
    train[:, 9] = 4
    train[4] = train[1]
    train[6] = train[1]
    test[2] = train[0]
    train[3, 5] = "nan"
    train[7, 63] = ""
    folder = course(tmp_path / "data", train, [0, 1, 0, 1, 1, 0, 0, 1], test)
    (folder / "challenge.toml").write_text('classes = ["0", "1", "2"]\n')
    said = run(capsys, folder, "--out", tmp_path / "sheet.png", "--json", "-")
    odd = json.loads(said.out)["odd"]
    for words in (
        "classes without a training row: 2",
        "2 missing or infinite training values, the first in image 4, pixel 6",
        "1 training images repeat an earlier one of the same class",
        "1 training images repeat one of another class, such as images 2 and 7",
        "1 test images are also training images",
        "1 of 64 pixels are the same in all training images: 10",
    ):
        assert [line for line in odd if line.startswith(words)], words


def test_values_beyond_float32_are_shown_without_a_warning(tmp_path, capsys, recwarn):
    rows = np.random.default_rng(0).random((24, 3)).round(3).astype(object)
    rows[5, 1], rows[6, 2], rows[7, 2], rows[:, 0] = "inf", "1e39", "NA", "-inf"
    folder = course(tmp_path / "data", rows, [0, 1] * 12, rows[:4])
    for name in ("Xtr", "Xte"):
        text = (folder / f"{name}.csv").read_text().replace(",", " ")
        (folder / f"{name}_mat50.csv").write_text(text)
        (folder / f"{name}.csv").unlink()
    said = run(capsys, folder, "--out", tmp_path / "sheet.png")
    assert "27 missing or infinite training values" in said.out
    assert said.out.count("assumed accuracy, 2 submissions a day") == 1
    assert said.out.count("submissions a day") == 2  # what it is, and that nobody told it
    assert not recwarn.list


@pytest.mark.parametrize(("columns", "shape"), [(64, (8, 8)), (3072, (32, 32))])
def test_the_sheet_shows_the_images(tmp_path, capsys, columns, shape):
    train = np.zeros((4, columns), int)
    train[2:] = 255  # class 1 is white, class 0 black
    folder = course(tmp_path / "data", train, [0, 0, 1, 1], train[:1])
    run(capsys, folder, "--out", tmp_path / "sheet.png")
    image = matplotlib.image.imread(io.BytesIO((tmp_path / "sheet.png").read_bytes()))
    black = (image[:, :, :3].max(axis=2) < 0.05).mean(axis=1)
    rows = np.flatnonzero(black > 0.1)  # where black squares stand, side by side
    assert 0 < len(rows) < len(image) / 2
    assert rows.max() < len(image) / 2 + 20  # in the upper row of the two


def test_the_default_sheet_is_beside_the_user_and_not_in_the_data(tmp_path, capsys, monkeypatch):
    folder = small_course(tmp_path / "data")
    before = sorted(folder.iterdir())
    monkeypatch.chdir(tmp_path)
    run(capsys, folder)
    assert (tmp_path / "data-samples.png").exists()
    assert sorted(folder.iterdir()) == before


def test_the_sheet_shows_what_networks_see(tmp_path, capsys):
    train = np.zeros((2, 8, 8), int)
    train[:, :4] = 255  # the upper half is white
    folder = course(tmp_path / "data", train.reshape(2, 64), [0, 1], train[:1].reshape(1, 64))
    sheets = []
    for table in (
        "",
        "[members.augmentation]\nshift = 0.0\n",
        "[members.augmentation]\ncrop = 3\n",
    ):
        (tmp_path / "r.toml").write_text(f"[[members]]\n{table}")
        out = tmp_path / "sheet.png"
        words = ["inspect", str(folder), "--out", str(out), "--augment", str(tmp_path / "r.toml")]
        assert main(words) == (0 if table else 2)
        if table:
            sheets.append(matplotlib.image.imread(io.BytesIO(out.read_bytes()))[:, :, :3])
    assert "nothing to show" in capsys.readouterr().err
    still, moved = sheets
    height, width = still.shape[:2]
    assert still.shape == moved.shape
    first = slice(0, width // 12)  # in both the image itself comes first
    copies = slice(width // 4, width)
    assert np.array_equal(still[height // 8 :, first], moved[height // 8 :, first])
    assert not np.array_equal(still[:, copies], moved[:, copies])


def test_the_shipped_recipe_is_the_default_of_the_sheet(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    run(capsys, folder, "--out", tmp_path / "sheet.png", "--augment")
    assert (tmp_path / "sheet.png").exists()


def test_the_cure_for_quantities_taken_for_labels_of_images_cures(tmp_path, capsys):
    labels = "17", "4", "901"
    rows = "".join(f"{i},{i % 7},{i * i % 11},{labels[i % 3]}\n" for i in range(24))
    (tmp_path / "train.csv").write_text("Id,a,b,price\n" + rows)
    (tmp_path / "test.csv").write_text("Id,a,b\n24,1,2\n25,2,1\n")
    assert main(["inspect", str(tmp_path), "--out", str(tmp_path / "s.png")]) == 2
    assert 'kind = "table" where they are' in capsys.readouterr().err
    (tmp_path / "challenge.toml").write_text('kind = "table"\nmetric = "rmse"\n')
    said = run(capsys, tmp_path, "--out", tmp_path / "s.png").out
    numbers = sorted(map(float, labels))
    assert f"values   price from {numbers[0]:g} to {numbers[-1]:g}" in said


def test_a_line_break_in_a_label_begins_no_line(tmp_path, capsys):
    rows = "".join(
        f'{i},{i % 7},{i * i % 11},"{"a" if i % 2 else "odd nothing"}\n"\n' for i in range(24)
    )
    rows = rows.replace("nothing\n", "nothing\nwhy")
    (tmp_path / "train.csv").write_text("Id,a,b,kind\n" + rows)
    (tmp_path / "test.csv").write_text("Id,a,b\n24,1,2\n25,2,1\n")
    (tmp_path / "challenge.toml").write_text('kind = "table"\n')
    said = run(capsys, tmp_path, "--out", tmp_path / "s.png").out
    assert "odd nothing\\u{a}why 12" in said
    assert not any(line.startswith("why 12") for line in said.splitlines())
