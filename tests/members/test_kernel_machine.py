"""Kernel machines as members of a recipe, from the folder to the checked submission."""

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import check_submission, load_challenge, submission_form
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes
from rosenblatt.classic.standardisation import NumbersTerm
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.features import terms
from rosenblatt.features.ckn import KernelNetworkTerm
from rosenblatt.features.hidden_markov import HiddenMarkovTerm
from rosenblatt.features.hog import HOGTerm
from rosenblatt.features.patches import PatchesTerm
from rosenblatt.features.scattering import ScatteringTerm
from rosenblatt.features.sequences import encode
from rosenblatt.features.strings import MismatchTerm, SpectrumTerm
from rosenblatt.members import Rows
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.virtual_svm import VirtualSVMMember
from rosenblatt.train.workers import Workers
from tests.challenge.folders import course, lines

RECIPE = """
name = "words"
[[members]]
kind = "kernel_machine"
costs = [1.0, 10.0]
weights = "alignment"
[[members.kernels]]
kind = "mismatch"
letters = 4
[[members.kernels]]
kind = "spectrum"
letters = 3
"""
SIGNS = "ACGTACGT", "GGATCCGG", "TTTTAAAC"  # what marks the second class, another in each set


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setattr(terms, "cache_folder", lambda: tmp_path / "cache")


def sequences(rows, sign, seed):
    """Return sequences of 20 to 24 letters, every other one with the sign, and an N here and there;
    and which have it."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % 2
    found = []
    for label in labels:
        letters = rng.choice(list("ACGT"), rng.integers(20, 25))
        letters[rng.integers(0, 20)] = "N"
        text = "".join(letters)
        found.append(text[:6] + sign + text[14:] if label else text)
    return found, labels


def dna(folder, names, sets=("0", "1", "2")):
    """Write an edition without headers or Ids; return what a submission should say."""
    truth = []
    for number, sign in zip(sets, SIGNS, strict=False):
        texts, labels = sequences(30, sign, 1)
        lines(folder / f"Xtr{number}.csv", texts)
        rows = [f"{row},{names[label]}" for row, label in enumerate(labels)]
        lines(folder / f"Ytr{number}.csv", ["Id,Bound", *rows])
        texts, labels = sequences(12, sign, 2)
        lines(folder / f"Xte{number}.csv", texts)
        truth += [names[label] for label in labels]
    return truth


@pytest.mark.parametrize(
    ("names", "sets"),
    [(("0", "1"), "012"), (("-1", "1"), ("",)), (("free", "bound"), "012")],
)
def test_dna_is_submitted_set_by_set_with_the_labels_as_they_came(
    tmp_path, monkeypatch, names, sets
):
    monkeypatch.chdir(tmp_path)
    truth = dna(tmp_path / "dna", names, sets)
    (tmp_path / "words.toml").write_text(RECIPE)
    words = ["submit", "dna", "--recipe", "words.toml", "--out", "out.csv", "--threads", "1"]
    assert main(words) == 0
    challenge = load_challenge(tmp_path / "dna")
    form = submission_form(tmp_path / "dna", challenge)
    assert check_submission(tmp_path / "out.csv", form) == []
    rows = [row.split(",") for row in (tmp_path / "out.csv").read_text().split()]
    assert rows[0] == ["Id", "Bound"]
    right = np.mean([label == true for (_, label), true in zip(rows[1:], truth, strict=True)])
    assert right > 0.9
    assert len(list((tmp_path / "cache" / "grams").iterdir())) == 2 * len(sets)


def test_a_hidden_markov_model_is_learned_from_the_training_rows_alone():
    """So votes for a row are the same whatever else is to be predicted."""
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    regimes = np.array([list("AT"), list("CG")])  # either comes first
    first, second = regimes[labels], regimes[1 - labels]
    picks = rng.integers(0, 2, (2, 60, 12))
    letters = [np.take_along_axis(*pair, 1) for pair in zip((first, second), picks, strict=True)]
    x = encode(["".join(row) for row in np.hstack(letters)])
    member = KernelMachineMember(kernels=(HiddenMarkovTerm(states=2),))
    fitted = member.fit(Rows(x[:40], Classes(labels[:40], ("0", "1"))), 2)
    votes = [fitted.predict(x[begin:]) for begin in (40, 50)]
    assert (votes[0].argmax(1) == labels[40:]).all()
    np.testing.assert_array_equal(votes[0][10:], votes[1])
    with pytest.raises(UserError, match="states"):
        HiddenMarkovTerm(states=0)


@pytest.mark.parametrize("machine", ["svm", "ridge"])
def test_votes_are_probabilities(machine):
    """Two classes that overlap: what is voted for is right as often as the votes say."""
    rng = np.random.default_rng(0)
    labels = np.arange(900) % 2
    x = (labels[:, None] + 2 * (rng.random((900, 2)) + rng.random((900, 2)) - 1)).astype(np.float32)
    member = KernelMachineMember(kernels=(NumbersTerm(),), machine=machine)
    rows = Rows(x[:400], Classes(labels[:400], ("0", "1")))
    votes = member.fit(rows, 1).predict(x[400:])
    np.testing.assert_allclose(votes.sum(1), 1, rtol=1e-5)
    right = votes.argmax(1) == labels[400:]
    assert abs(votes.max(1).mean() - right.mean()) < 0.05
    sure = votes.max(1) > np.median(votes.max(1))
    assert right[sure].mean() > right[~sure].mean()


def test_the_shipped_recipe_fits_dna(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    dna(tmp_path / "dna", "01", ("",))
    assert main(["evaluate", "dna", "--quick", "--folds", "2", "--threads", "1"]) == 0
    assert "kernel_machine 1/1: " in capsys.readouterr().out


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return two classes of 16 x 16 images: upright and lying stripes, under noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    found = rng.integers(0, 9, (48, 16, 16))
    for image, label in zip(found, np.arange(48) % 2, strict=True):
        view = image if label else image.T
        view[rng.integers(0, 4) :: 4] += 9
    flat = found.reshape(48, 256)
    folder = course(tmp_path_factory.mktemp("images"), flat[:40], labels, flat[40:])
    (folder / "challenge.toml").write_text("shape = [1, 16, 16]\n")
    return load_challenge(folder)


TERMS = (HOGTerm(), ScatteringTerm(scales=2, angles=2), PatchesTerm(count=8, side=4),
         KernelNetworkTerm(layers=((3, 8, 2),)))  # fmt: skip


@pytest.mark.parametrize(
    "member",
    [
        KernelMachineMember(kernels=TERMS, flip=True, gamma=0.5),
        KernelMachineMember(kernels=(TERMS[0], NumbersTerm()), weights="simple_mkl"),
        KernelMachineMember(kernels=TERMS[:1], machine="ridge"),
        VirtualSVMMember(kernels=TERMS[:2], copies=1, views=1),
    ],
    ids=["sum", "simple MKL", "ridge", "virtual"],
)
def test_images_are_learned(images, member):
    predictions = pipeline.predict(images, Recipe(members=(member,)), Workers()).rows
    assert (predictions == np.arange(8) % 2).mean() > 0.8


def test_a_kernel_of_sequences_refuses_images(images):
    member = KernelMachineMember(kernels=(SpectrumTerm(),))
    with pytest.raises(UserError, match="'spectrum' is one of sequences"):
        pipeline.predict(images, Recipe(members=(member,)), Workers())


def test_a_set_of_one_class_is_named(tmp_path):
    dna(tmp_path, "01", "01")
    lines(tmp_path / "Ytr1.csv", ["Id,Bound", *(f"{row},1" for row in range(30))])
    member = KernelMachineMember(kernels=(SpectrumTerm(),))
    with pytest.raises(UserError, match=r"rows of set 1 are of class '1'"):
        pipeline.predict(load_challenge(tmp_path), Recipe(members=(member,)), Workers())


def test_what_learns_from_images_refuses_sequences(tmp_path):
    dna(tmp_path, "01", ("",))
    challenge = load_challenge(tmp_path)
    for member, message in (
        (KernelMachineMember(kernels=(HOGTerm(),)), "'hog' is one of images"),
        (KernelMachineMember(kernels=(NumbersTerm(),)), "'numbers' is one of numbers"),
        (KernelMachineMember(kernels=(MismatchTerm(),), flip=True), "flip = true mirrors"),
    ):
        with pytest.raises(UserError, match=message):
            pipeline.predict(challenge, Recipe(members=(member,)), Workers())
