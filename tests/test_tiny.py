"""The whole road in a few seconds, on data made here: look, train, submit, check."""

import numpy as np

from rosenblatt.cli import main
from tests.challenge.folders import kaggle

RECIPE = """
name = "one small network"
[[members]]
blocks = [[4]]
dense = 0
dropout = 0.0
epochs = 4
batch_size = 10
"""


def bars(rows: int, seed: int):
    """Return 28x28 images with a bright half, left or right, in noise, and which it is."""
    rng = np.random.default_rng(seed)
    sides = rng.integers(0, 2, rows)
    images = rng.integers(0, 100, (rows, 28, 28))
    for image, side in zip(images, sides, strict=True):
        image[:, 14 * side : 14 * side + 14] += 100
    return images.reshape(rows, 784), sides


def test_from_csv_to_a_checked_submission(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (train, sides), (test, truth) = bars(40, seed=0), bars(20, seed=1)
    folder = kaggle(tmp_path / "sides", train, sides, test)
    (tmp_path / "recipe.toml").write_text(RECIPE)
    out = tmp_path / "submission.csv"
    assert main(["inspect", str(folder)]) == 0
    words = ["submit", str(folder), "--recipe", "recipe.toml", "--out", str(out)]
    assert main([*words, "--threads", "1"]) == 0
    assert main(["check", str(out), str(folder)]) == 0
    rows = out.read_text().splitlines()
    assert rows[0] == "ImageId,Label"
    assert [int(row.split(",")[1]) for row in rows[1:]] == truth.tolist()
    assert "submission.csv: 20 rows" in capsys.readouterr().out
