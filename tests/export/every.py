"""Each shipped recipe, `--quick`, as a script: what it answers beside its model.

    python -m tests.export.every [RECIPE ...]

The data are made, small, and of the kind that the recipe's first line tells. Exits with 1 where a
label differs, or a probability (a value: relatively) by more than 1e-5.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import quick, read_recipe
from rosenblatt.challenge.shipped import shipped_recipes
from rosenblatt.challenge.submission import cells_of
from rosenblatt.cli.run import QUICK
from rosenblatt.export.script import export
from rosenblatt.metrics.decisions import shares
from rosenblatt.pipeline.model import Model
from rosenblatt.train.workers import Workers
from tests.challenge.folders import course, lines
from tests.challenge.formats.test_graphs import classes_of_networkx, some, write
from tests.challenge.test_tables import wide
from tests.export.test_script import imported
from tests.pipeline.test_model import tables

NEAR = 1e-5


def images(folder, side, channels=1):
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    rows = rng.integers(0, 200, (80, channels, side, side))
    for row, label in enumerate(labels):
        rows[row, :, label * side // 4 :][:, : side // 3] += 50
    rows = rows.reshape(len(rows), -1)
    return course(folder, rows[:60], labels.tolist(), rows[60:])


def sequences(folder):
    rng = np.random.default_rng(0)
    rows = ["".join(rng.choice([*"ACGT"], 30)) + "ACGTTGCA" * (row % 2) for row in range(60)]
    lines(folder / "Xtr.csv", ["Id,seq", *(f"{row},{rows[row]}" for row in range(40))])
    lines(folder / "Ytr.csv", ["Id,Bound", *(f"{row},{row % 2}" for row in range(40))])
    lines(folder / "Xte.csv", ["Id,seq", *(f"{row},{rows[row]}" for row in range(40, 60))])
    return folder


def graphs(folder):
    with pytest.MonkeyPatch.context() as patch:
        found = some(classes_of_networkx(patch), 40)
        return write(folder, found[:30], [row % 2 for row in range(30)], found[30:])


def numbers(folder, values):
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(60, 4)).round(3)
    answers = rows[:, 0] * 2 + rows[:, 1] if values else (rows[:, 0] > 0).astype(int)
    cells = [",".join(map(str, [place, *row])) for place, row in enumerate(rows.tolist())]
    taught = [f"{cells[row]},{answers[row]}" for row in range(40)]
    lines(folder / "train.csv", ["Id,a,b,c,d,answer", *taught])
    lines(folder / "test.csv", ["Id,a,b,c,d", *cells[40:]])
    return folder


KINDS = {  # by how the first line of a recipe begins
    "Grey digits of 28": lambda folder: images(folder, 28),
    "Grey digits": lambda folder: images(folder, 8),
    "Colour images": lambda folder: images(folder, 32, 3),
    "Sequences": sequences,
    "The best published recipe for DNA": sequences,
    "Graphs": graphs,
    "Windows": wide,
    "Plain columns": lambda folder: numbers(folder, False),
    "Values of plain columns": lambda folder: numbers(folder, True),
    "Values": lambda folder: tables(folder, True),
    "": lambda folder: tables(folder, False),
}


def compare(recipe, folder):
    """Return test rows, labels that differ, the largest difference, and the script's seconds."""
    challenge = load_challenge(folder)
    found = pipeline.predict(challenge, recipe, Workers(), keep=True)
    model = Model.of(challenge, recipe, found, {"score": None})
    script, weights = export(model, folder.parent / "run.py")
    module = imported(script)
    start = time.perf_counter()
    again = module.load_model(weights)
    samples, ids, sets = module.read_tests(again, folder)
    votes = again(samples, sets)
    votes = votes[module.ids_and_order(again, folder, ids, len(votes))[1]]
    answers = again.answer(again, votes)
    seconds = time.perf_counter() - start
    wanted = model.votes(challenge.test, challenge.test_sets)
    if model.of_classes:
        votes, wanted = shares(votes), shares(wanted)
    apart = np.abs(votes - wanted) / (1 if model.of_classes else np.abs(wanted))
    cells = cells_of(found.rows, model.names)
    differ = sum(one != other for one, other in zip(answers, cells, strict=True))
    return len(votes), differ if model.of_classes else 0, apart.max(), seconds


def main():
    names, wrong = sys.argv[1:], []
    for one in shipped_recipes():
        if names and one.path.stem not in names:
            continue
        make = next(make for start, make in KINDS.items() if one.purpose.startswith(start))
        with tempfile.TemporaryDirectory() as home:
            (Path(home) / "data").mkdir()
            recipe = quick(read_recipe(one.path), QUICK)
            rows, differ, apart, seconds = compare(recipe, make(Path(home) / "data"))
        wrong += [one.path.stem] * bool(differ or not apart <= NEAR)
        print(f"{one.path.stem:20} {rows:3} rows, labels that differ {differ}, largest difference "
              f"{apart:.1e}, {seconds:5.2f} s", flush=True)  # fmt: skip
    print(f"beyond {NEAR}: {', '.join(wrong) or 'none'}")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
