"""The real challenges, where their data is at hand, are read whole and within memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.challenge import (
    check_submission,
    load_challenge,
    submission_form,
    write_submission,
)
from rosenblatt.cli import main

SHARED = Path(__file__).parents[3] / "shared" / "data"
EXPECTED = {
    "mnist5k": ((5000, 1, 28, 28), 10_000, ("Id", "Prediction")),
    "images": ((5000, 3, 32, 32), 2_000, ("Id", "Prediction")),
    "digit_recognizer": ((42_000, 1, 28, 28), 28_000, ("ImageId", "Label")),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_real_challenge(tmp_path, capsys, name):
    if not (SHARED / f"{name}.npz").exists():
        pytest.skip(f"no real data: {SHARED / name}.npz is absent")
    subprocess.run([sys.executable, SHARED / "expand.py", tmp_path, name], check=True)
    shape, rows, header = EXPECTED[name]
    challenge = load_challenge(tmp_path / name)
    assert challenge.train.shape == shape
    assert challenge.test.shape == (rows, *shape[1:])
    assert (challenge.id_column, challenge.label_column) == header
    assert challenge.test_ids == tuple(str(index) for index in range(1, rows + 1))
    real = np.load(SHARED / f"{name}.npz")
    assert np.array_equal(challenge.labels, real["label"])
    if name == "images":
        wanted = (real["train"] / 255 - real["train"].mean(0) / 255).transpose(0, 3, 1, 2)
        assert np.abs(challenge.train - wanted).max() < 1e-6
    else:
        assert np.array_equal(challenge.train[:, 0], real["train"].reshape(-1, 28, 28))
    write_submission(tmp_path / "out.csv", challenge, np.zeros(rows, np.int64))
    form = submission_form(tmp_path / name, challenge)
    assert check_submission(tmp_path / "out.csv", form) == []
    sheet = tmp_path / "sheet.png"
    assert main(["inspect", str(tmp_path / name), "--out", str(sheet)]) == 0
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert f"test     {rows:,} rows of" in capsys.readouterr().out
