"""Lay the digits out as the course hands out a challenge: python prepare.py SCIKIT_LEARN.whl

The wheel comes from `pip download --no-deps scikit-learn`; one file is read out of it, and no
code. Standard library and NumPy only.
"""

import gzip
import sys
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SOURCE = "sklearn/datasets/data/digits.csv.gz"
TRAINING_ROWS = 1000
PUBLIC_SHARE = 0.30
SEED = 1957  # the year of Rosenblatt's perceptron


def main(wheel: str) -> None:
    """Write Xtr.csv, Ytr.csv, Xte.csv and solution.csv beside this file."""
    with zipfile.ZipFile(wheel) as archive:
        rows = gzip.decompress(archive.read(SOURCE)).decode().split()
    pixels, labels = zip(*(row.rsplit(",", 1) for row in rows), strict=True)
    write("Xtr.csv", pixels[:TRAINING_ROWS])
    write("Xte.csv", pixels[TRAINING_ROWS:])
    training = enumerate(labels[:TRAINING_ROWS], 1)
    write("Ytr.csv", ["Id,Prediction", *(f"{place},{label}" for place, label in training)])
    truth = labels[TRAINING_ROWS:]
    drawn = np.random.default_rng(SEED).permutation(len(truth))
    public = set(drawn[: round(PUBLIC_SHARE * len(truth))].tolist())
    usage = ["Public" if place in public else "Private" for place in range(len(truth))]
    solution = zip(range(1, len(truth) + 1), truth, usage, strict=True)
    write("solution.csv", ["Id,Prediction,Usage", *(",".join(map(str, row)) for row in solution)])


def write(name: str, lines) -> None:
    (HERE / name).write_bytes("".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    main(sys.argv[1])
