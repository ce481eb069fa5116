"""Damaged files of every kind: a sentence or a result, never a traceback, a hang or a flood.

`python -m tests.test_fuzz 10000` runs as many; the suite runs a sample.
"""

import argparse
import json
import random
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import check_submission, ledger, load_challenge, submission_form
from rosenblatt.challenge.board import grade
from rosenblatt.challenge.ledger import Run
from rosenblatt.challenge.recipe import SHIPPED, Recipe, read_final, read_recipe
from rosenblatt.challenge.shipped import shipped_recipes
from rosenblatt.classic import KernelRidgeRegressor
from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.data.corpus import Vocabulary
from rosenblatt.detection.reading import read_photographs
from rosenblatt.errors import UserError
from rosenblatt.gallery.characters import generate, trained
from rosenblatt.gallery.characters import train as train_characters
from rosenblatt.gallery.runner import Settings
from rosenblatt.layers import Dense
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.metrics import METRICS
from rosenblatt.models.language import LanguageModel
from rosenblatt.pipeline.model import Model, load
from rosenblatt.report.evidence import load_evidence
from rosenblatt.report.markdown import read_text
from rosenblatt.train import Network, Plan
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit_results import Result, Results
from rosenblatt.train.workers import Workers
from tests.challenge.folders import lines, small_course
from tests.oracle.damage import damage

SAMPLE = 12  # of each kind of file, in the suite
SECONDS, BYTES = 5.0, 1 << 30  # what one reading may take


def settings_file(folder):
    made = small_course(folder)
    (made / "challenge.toml").write_text('name = "x"\nclasses = ["0", "1"]\nquota = 2\n')
    return made, ("challenge.toml",), load_challenge


def submission(folder):
    data = small_course(folder / "data")
    form = submission_form(data, load_challenge(data))
    lines(folder / "out.csv", ["Id,Prediction", "1,0", "2,1", "3,1"])
    lines(folder / "solution.csv", ["Id,Prediction,Usage", "1,0,Public", "2,0,Private"])

    def read(place):
        check_submission(place / "out.csv", form)
        grade(place / "out.csv", place / "solution.csv", METRICS["accuracy"], "01")

    return folder, ("out.csv", "solution.csv"), read


def ledger_file(folder):
    for place in range(3):
        ledger.append(folder / "ledger.csv", Run(f"submit {place}", validation=0.5))
    return folder, ("ledger.csv",), lambda place: ledger.read(place / "ledger.csv")


def recipe(folder):
    folder.mkdir()
    final = '\n[final]\nchallenge = "d"\ndata = "1"\nsubmission = "2"\n'
    (folder / "r.toml").write_text((SHIPPED / "small_digits.toml").read_text() + final)
    digest = read_recipe(folder / "r.toml").digest
    (folder / "r.json").write_text(json.dumps({"recipe_digest": digest, "seconds": 1.5}))

    def read(place):
        shipped_recipes(place)
        read_final(place / "r.toml")

    return folder, ("r.toml", "r.json"), read


def archive(folder):
    write_archive(folder / "a.npz", {"a": [1, 2]}, {"x": np.zeros((3, 4))})
    network = Network([Dense(3)], (4,))
    network.save(folder / "n.npz")
    x, y = np.eye(4, dtype=np.float32), np.array([0, 1, 2, 0])

    def train(file):
        network.fit(x, y, Plan(epochs=1, callbacks=[Checkpoint(file, "key")]))

    train(folder / "t.npz")
    text, vocabulary = np.arange(40) % 3, Vocabulary("abc")
    small = LanguageModel(3, 2, 2)
    small.build((5,), np.random.default_rng(0))
    sizes = argparse.Namespace(embedding=2, units=2, streams=2, steps=5, epochs=1, rate=0.1)

    def write(file):
        """Learn a text, from the checkpoint where there is one, and go on with it."""
        made = Settings(file.name.split(".")[0], file.parent, say=lambda line: None)
        train_characters(small, vocabulary, text, sizes, made)
        generate(*trained(file), "ab", 3)

    write(folder / "characters.checkpoint.npz")
    results = Results(folder)
    results.keep("r", Result({"votes": np.zeros((3, 4))}, {"history": []}))
    KernelRidgeRegressor().fit(x, [0.5, 1.0, 2.0, 1.0]).save(folder / "e.npz")
    readers = (
        ("n.npz", Network.load),
        ("e.npz", KernelRidgeRegressor.load),
        ("t.npz", train),
        ("characters.checkpoint.npz", write),
        ("a.npz", load_evidence),  # refused even whole
        ("a.npz", read_archive),
        ("r.npz", lambda file: results.find("r")),
    )

    def read(place):
        refused = []
        for name, reader in readers:
            try:
                reader(place / name)
            except UserError:
                refused.append(name)
        if refused != ["a.npz"]:
            raise UserError(f"refused: {refused}")

    return folder, ("a.npz", "n.npz", "e.npz", "t.npz", "characters.checkpoint.npz", "r.npz"), read


def photographs(folder):
    """Write an npz as other programs do, also compressed: our own archive reads none of those."""
    folder.mkdir()
    instance = np.zeros((2, 24, 24), np.uint8)
    instance[:, 4:16, 6:12] = 1
    arrays = {"image": np.zeros((2, 24, 24, 3), np.uint8), "instance": instance}
    np.savez(folder / "p.npz", **arrays, size=np.full((2, 2), 24))
    np.savez_compressed(folder / "c.npz", **arrays, size=np.full((2, 2), 24))

    def read(place):
        for name in ("p.npz", "c.npz"):
            assert len(read_photographs(place / name).scenes) == 2

    return folder, ("p.npz", "c.npz"), read


def words(folder):
    folder.mkdir()
    (folder / "t.md").write_text(
        "title: T\nteam: A, B\ndata: 0123abcd\nrecipe: 0123abcd\n\n"
        "# H\n**b *c* $x$** {v}\n\n![c](f)\n- i\n"
    )
    return folder, ("t.md",), lambda place: read_text(place / "t.md", {"v": "1"}, ["f"])


def model(folder):
    challenge = load_challenge(small_course(folder / "data"))
    recipe = Recipe(members=(KernelPerceptronMember(epochs=1),))
    found = pipeline.predict(challenge, recipe, Workers(), keep=True)
    Model.of(challenge, recipe, found, {}).save(folder / "model.npz")
    new = challenge.test
    return folder, ("model.npz",), lambda place: load(place).predict(new)


KINDS = (
    settings_file,
    submission,
    ledger_file,
    recipe,
    archive,
    photographs,
    words,
    model,
)


def fuzz(kind, folder: Path, count: int, seed: int) -> tuple[int, float]:
    """Read `count` damaged folders of a kind; return how many were refused, and the longest."""
    made, names, read = kind(folder)
    whole = {name: (made / name).read_bytes() for name in names}
    read(made)
    draw = random.Random(seed)
    refused, longest = 0, 0.0
    for _ in range(count):
        name = draw.choice(names)
        broken = damage(whole[name], draw)
        (made / name).write_bytes(broken)
        start = time.perf_counter()
        try:
            read(made)
        except UserError as error:
            refused += len(str(error)) > 0
        longest = max(longest, time.perf_counter() - start)
        assert (made / name).read_bytes() == broken  # nothing is overwritten
        (made / name).write_bytes(whole[name])
    return refused, longest


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files(kind, tmp_path):
    refused, _ = fuzz(kind, tmp_path / "made", SAMPLE, seed=1958)
    assert refused > 0


def main(count: int) -> None:
    """Run `count` in all, and print what came of them."""
    import resource
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for kind in KINDS:
            each = count // len(KINDS)
            refused, longest = fuzz(kind, Path(folder) / kind.__name__, each, seed=1969)
            print(f"{kind.__name__}: {each} read, {refused} refused, longest {longest:.2f} s")
            assert longest < SECONDS
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
        print(f"memory grew by {grown / 1e6:.0f} MB")
        assert grown < BYTES


if __name__ == "__main__":
    main(int(sys.argv[1]))
