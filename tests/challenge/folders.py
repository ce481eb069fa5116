"""Writes challenge folders as the course and Kaggle hand them out, for tests to read back."""

from pathlib import Path

import numpy as np


def lines(path: Path, rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def table(pixels: np.ndarray, comma: str = "", header: bool = False) -> list[str]:
    """Return the lines of a table of pixels."""
    names = [",".join(f"pixel{place}" for place in range(pixels.shape[1])) + comma]
    return (names if header else []) + [",".join(map(str, row)) + comma for row in pixels.tolist()]


def pixels(rows: int, columns: int = 64, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 17, (rows, columns))


def course(folder: Path, train, labels, test, base: int = 1, comma="", header=False) -> Path:
    """Write Xtr.csv, Ytr.csv and Xte.csv."""
    lines(folder / "Xtr.csv", table(train, comma, header))
    lines(folder / "Xte.csv", table(test, comma, header))
    rows = [f"{place},{label}" for place, label in enumerate(labels, base)]
    lines(folder / "Ytr.csv", ["Id,Prediction", *rows])
    return folder


def small_course(folder: Path) -> Path:
    """Write a challenge of six labelled and three other images of 8x8, two classes."""
    return course(folder, pixels(6), [0, 1, 0, 1, 1, 0], pixels(3, seed=1))


def kaggle(folder: Path, train, labels, test, place: int = 0, label: str = "label") -> Path:
    """Write train.csv, its label column at `place`, test.csv and sample_submission.csv."""
    names = [f"pixel{column}" for column in range(train.shape[1])]
    rows = [list(map(str, row)) for row in train.tolist()]
    for row, name in zip(rows, labels, strict=True):
        row.insert(place, str(name))
    named = [*names[:place], label, *names[place:]]
    lines(folder / "train.csv", [",".join(row) for row in [named, *rows]])
    lines(folder / "test.csv", [",".join(names), *table(test)])
    sample = [f"{index},0" for index in range(1, len(test) + 1)]
    lines(folder / "sample_submission.csv", ["ImageId,Label", *sample])
    return folder


def small_kaggle(folder: Path) -> Path:
    """Write a Digit Recognizer of six labelled and three other images of 28x28."""
    return kaggle(folder, pixels(6, 784), [0, 1, 0, 1, 1, 0], pixels(3, 784, seed=1))
