"""Lay the patients out as Kaggle hands out a challenge: python prepare.py ORANGE3.whl

The wheel comes from `pip download --no-deps Orange3`; one file is read out of it, and no code.
Standard library and NumPy only.
"""

import csv
import io
import sys
import zipfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SOURCE = "Orange/datasets/heart_disease.tab"
NAMES = (
    "age", "sex", "chest_pain", "rest_pressure", "cholesterol", "fasting_sugar_above_120",
    "rest_ecg", "max_heart_rate", "exercise_angina", "st_depression", "st_slope", "vessels", "thal",
    "disease",
)  # fmt: skip
TRAINING_ROWS = 203
PUBLIC_SHARE = 0.30
SEED = 1957  # the year of Rosenblatt's perceptron


def main(wheel: str) -> None:
    """Write train.csv, test.csv, sample_submission.csv and solution.csv beside this file."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(SOURCE).decode()
    reader = csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE)
    rows = list(reader)[3:]  # below three rows of names, types and roles
    rng = np.random.default_rng(SEED)
    patients = [[str(place + 1), *rows[n]] for place, n in enumerate(rng.permutation(len(rows)))]
    train, test = patients[:TRAINING_ROWS], patients[TRAINING_ROWS:]
    write("train.csv", ["id", *NAMES], train)
    write("test.csv", ["id", *NAMES[:-1]], [row[:-1] for row in test])
    write("sample_submission.csv", ["id", NAMES[-1]], [[row[0], "0.5"] for row in test])
    public = set(rng.permutation(len(test))[: round(PUBLIC_SHARE * len(test))].tolist())
    usage = ["Public" if place in public else "Private" for place in range(len(test))]
    truth = [[row[0], row[-1], share] for row, share in zip(test, usage, strict=True)]
    write("solution.csv", ["id", NAMES[-1], "Usage"], truth)


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


if __name__ == "__main__":
    main(sys.argv[1])
