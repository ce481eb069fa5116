"""Models that are kept: the answers of `submit` again, bit by bit, from files, arrays, pictures."""

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

import numpy as np
import pandas
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.new_rows import read_new_rows
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.classic.feature_maps import RandomFourierTerm
from rosenblatt.classic.standardisation import NumbersTerm
from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.features.alignment import WeightedDegreeTerm
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.ckn import KernelNetworkTerm
from rosenblatt.features.fisher import FisherTerm
from rosenblatt.features.graphs.substructures import GraphletsTerm, WeisfeilerLehmanTerm
from rosenblatt.features.hidden_markov import HiddenMarkovTerm
from rosenblatt.features.hog import HOGTerm
from rosenblatt.features.patches import PatchesTerm
from rosenblatt.features.scattering import ScatteringTerm
from rosenblatt.features.strings import MismatchTerm, SpectrumTerm
from rosenblatt.features.tables.cells import Cells
from rosenblatt.features.tables.crossings import Crossings
from rosenblatt.features.tables.date_parts import DateParts
from rosenblatt.features.tables.dates import Dates
from rosenblatt.features.tables.encoding import SCALED, TableTerm
from rosenblatt.features.tables.levels import Choices, Frequency, OneHot
from rosenblatt.features.tables.numbers import Numbers
from rosenblatt.features.tables.parts import Parts
from rosenblatt.features.tables.quantities import Quantities
from rosenblatt.features.tables.target_mean import TargetMean
from rosenblatt.features.tables.words import Words
from rosenblatt.members import Fitted, Member, no_progress
from rosenblatt.members.boosting import BoostingMember
from rosenblatt.members.feature_machine import FeatureMachineMember
from rosenblatt.members.forest import ForestMember
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.linear import LinearMember
from rosenblatt.members.naive_bayes import NaiveBayesMember
from rosenblatt.members.network import NetworkMember, Student
from rosenblatt.members.table_network import TableNetworkMember
from rosenblatt.members.virtual_svm import VirtualSVMMember
from rosenblatt.pipeline.model import FORMAT, Model, load
from rosenblatt.train.workers import Workers
from tests.challenge.folders import course, lines
from tests.challenge.formats.test_graphs import networkx, some, write

__all__ = ["networkx"]  # a fixture

NETWORK = NetworkMember(blocks=((4,),), dense=0, dropout=0.0, epochs=2, batch_size=8)
LEARNED = *SCALED, Frequency(), TargetMean(), Words(buckets=32), DateParts(), Parts(), Quantities()
IMAGES = {
    "networks": Recipe(
        members=(
            dataclasses.replace(NETWORK, snapshots=2, count=2),
            dataclasses.replace(NETWORK, augmentation=Augmentation(shift=1.0), views=2),
        ),
        combine="vote",
    ),
    "machines": Recipe(
        members=(
            KernelMachineMember(
                kernels=(
                    HOGTerm(cells=(2,)),
                    ScatteringTerm(scales=1, compare="chi_square"),
                    PatchesTerm(side=3, count=8),
                    KernelNetworkTerm(layers=((3, 8, 2),), compare="linear"),
                    FisherTerm(side=2, step=2, count=2, samples=1024),
                    RandomFourierTerm(components=8),
                ),
                flip=True,
                gamma=1.0,
            ),
            KernelPerceptronMember(epochs=2),
            VirtualSVMMember(kernels=(HOGTerm(cells=(2,)), NumbersTerm()), copies=1, views=1),
        ),
        combine="weights",
        folds=3,
    ),
    "student": Recipe(
        members=(NETWORK,), student=Student(blocks=((4,),), dense=0, dropout=0.0, epochs=2)
    ),
}
MACHINE = KernelMachineMember(machine="ridge", kernels=(TableTerm(features=LEARNED),))
TABLES = {
    "classes": Recipe(
        members=(
            BoostingMember(rounds=5, features=(Cells(), Choices(), Dates(), Crossings())),
            ForestMember(trees=3),
            LinearMember(penalty=1e-2, features=(Numbers(scale="quantile"), *LEARNED[1:])),
            NaiveBayesMember(),
            TableNetworkMember(networks=1, layers=(4,), epochs=2, bins=0),
            KernelPerceptronMember(epochs=2),
        ),
        combine="stack",
        folds=3,
    ),
    "values": Recipe(
        members=(
            BoostingMember(rounds=5),
            LinearMember(features=(Numbers(scale="robust"), OneHot(), Dates())),
            FeatureMachineMember(rounds=1, features=(Numbers(scale="log"), OneHot())),
            TableNetworkMember(networks=1, layers=(4,), epochs=2),
            MACHINE,
        ),
        combine="weights",
        folds=3,
    ),
}
DNA = Recipe(
    members=(
        KernelMachineMember(
            kernels=(
                SpectrumTerm(letters=3),
                MismatchTerm(letters=4),
                WeightedDegreeTerm(degree=3),
                HiddenMarkovTerm(states=2, rounds=1),
            )
        ),
    )
)


def kept(folder, recipe, path):
    """Return a challenge, what it would submit, and the model as it comes back from its file."""
    challenge = load_challenge(folder)
    found = pipeline.predict(challenge, recipe, Workers(), keep=True)
    plain = pipeline.predict(challenge, recipe, Workers())
    np.testing.assert_array_equal(found.rows, plain.rows)
    Model.of(challenge, recipe, found, {"score": None}).save(path)
    return challenge, found.rows, load(path)


def same(model, expected, place):
    new = read_new_rows(place, model.expected)
    np.testing.assert_array_equal(model.answers(new), expected)
    return new


def images(folder):
    rng = np.random.default_rng(0)
    labels = np.arange(30) % 3
    drawn = rng.integers(0, 9, (40, 8, 8))
    for row, label in enumerate([*labels, *rng.integers(0, 3, 10)]):
        drawn[row, 4 * (label // 2) :, 4 * (label % 2) :][:4, :4] += 7
    flat = drawn.reshape(40, 64)
    return course(folder, flat[:30], labels.tolist(), flat[30:], header=True)


def cells(rows, rng):
    """Yield rows of every kind of column, some cells missing."""
    colours, tags = ("red", "green", "blue"), ("a", "b", "c")
    words = ["quick", "brown", "fox", "jumps", "lazy", "dog", "runs", "far", "away"]
    for row in range(rows):
        colour = colours[rng.integers(3)]
        number = "" if rng.random() < 0.1 else f"{rng.normal():.3f}"
        code, when = int(rng.integers(1, 4)), date(2020, 1, 1) + timedelta(int(rng.integers(700)))
        text = " ".join(rng.choice(words, 6)) + f" {row}"
        several = "|".join(sorted({*rng.choice(tags, 2)}))
        part = f"{'AB'[rng.integers(2)]}/{rng.integers(9)}/{'PS'[rng.integers(2)]}{row}"
        money = f"{rng.integers(90)} {('dollar', 'euro')[rng.integers(2)]}"
        score = code + (colour == "red") + (rng.random() < 0.2)
        yield [number, colour, code, when, text, several, part, money], score


def tables(folder, values, start=0.25):
    rng = np.random.default_rng(1)
    names = ["size", "colour", "code", "date", "text", "tags", "part", "money"]
    rows = [*cells(60, rng)]
    label = (lambda score: 1.5 * score + start) if values else (lambda score: f"c{int(score > 2)}")
    lines(folder / "train.csv", [",".join(["Id", *names, "answer"])]
          + [",".join(map(str, [place, *row, label(score)]))
             for place, (row, score) in enumerate(rows[:45], 1)])  # fmt: skip
    lines(
        folder / "test.csv",
        [",".join(["Id", *names])]
        + [",".join(map(str, [place, *row])) for place, (row, _) in enumerate(rows[45:], 46)],
    )
    return folder


def letters(folder):
    rng = np.random.default_rng(2)
    for number in range(2):
        drawn = ["".join(rng.choice([*"ACGT"], 12)) for _ in range(24)]
        drawn = [seq[:4] + "ACGT" * (row % 2) + seq[4:] for row, seq in enumerate(drawn)]
        lines(folder / f"Xtr{number}.csv", ["Id,seq", *(f"{k},{drawn[k]}" for k in range(18))])
        lines(folder / f"Ytr{number}.csv", ["Id,Bound", *(f"{k},{k % 2}" for k in range(18))])
        ids = range(100 * number, 100 * number + 6)
        lines(folder / f"Xte{number}.csv", ["Id,seq", *(f"{k},{drawn[18 + k % 100]}" for k in ids)])
    return folder


@pytest.mark.parametrize("way", IMAGES)
def test_a_model_of_images_answers_as_its_submission(way, tmp_path):
    folder = images(tmp_path / "data")
    challenge, expected, model = kept(folder, IMAGES[way], tmp_path / "model.npz")
    assert same(model, expected, folder / "Xte.csv").ids is None
    assert same(model, expected, folder).ids == challenge.test_ids
    named = np.array(challenge.classes)[expected]
    flat = challenge.test.reshape(len(expected), -1)
    for x in (challenge.test, flat, pandas.DataFrame(flat, columns=model.expected.names)):
        np.testing.assert_array_equal(model.predict(x), named)
    assert model.predict(challenge.test[0]).shape == (1,)
    shares = model.predict_proba(challenge.test)
    np.testing.assert_array_equal(shares.argmax(1), expected)
    np.testing.assert_allclose(shares.sum(1), 1)


@pytest.mark.parametrize("way", TABLES)
def test_a_model_of_a_table_answers_as_its_submission(way, tmp_path):
    folder = tables(tmp_path / "data", way == "values")
    challenge, expected, model = kept(folder, TABLES[way], tmp_path / "model.npz")
    assert {column.kind for column in model.expected.learned} >= {
        "number", "category", "code", "date", "text", "choices"
    }  # fmt: skip
    assert same(model, expected, folder / "test.csv").ids == challenge.test_ids
    same(model, expected, folder)
    plain = pandas.read_csv(folder / "test.csv")
    answers = np.array(challenge.target.names)[expected] if way == "classes" else expected
    np.testing.assert_array_equal(model.predict(plain[plain.columns[::-1]]), answers)
    np.testing.assert_array_equal(model.predict(plain.iloc[3]), answers[3:4])


def test_new_rows_of_a_table_are_told_or_refused(tmp_path):
    folder = tables(tmp_path / "data", False)
    recipe = Recipe(members=(LinearMember(penalty=1e-2, features=LEARNED),))
    _, expected, model = kept(folder, recipe, tmp_path / "model.npz")
    header, first, *rest = (folder / "test.csv").read_text().splitlines()
    file = tmp_path / "new.csv"
    lines(file, [header, first])
    same(model, expected[:1], file)
    turned = [",".join(line.split(",")[:0:-1]) for line in (header, first, *rest)]
    lines(file, turned)  # without Ids, columns in another order
    assert same(model, expected, file).ids is None
    number, colour = first.split(",")[1:3]
    lines(file, [header, first.replace(f",{colour},", ",violet,")])
    new = read_new_rows(file, model.expected)
    assert "no training row has 'violet'" in new.notes[0]
    assert np.isfinite(model.votes(new.samples)).all()
    for changed, message in (
        (first.replace(f",{number},", ",much,", 1), "row 2, column size: 'much' is no finite numb"),
        (first.replace(",20", ",the 20", 1), "is no date as %Y-%m-%d"),
    ):
        lines(file, [header, changed])
        with pytest.raises(UserError, match=message):
            read_new_rows(file, model.expected)
    lines(file, [header.replace("colour", "color"), first])
    with pytest.raises(UserError, match="has no column 'colour', of which the model learned"):
        read_new_rows(file, model.expected)
    lines(file, [header + ",more", first + ",1"])
    with pytest.raises(UserError, match="have not: 'more'; leave them out"):
        read_new_rows(file, model.expected)


def test_a_model_of_sequences_answers_as_its_submission(tmp_path):
    folder = letters(tmp_path / "data")
    challenge, expected, model = kept(folder, DNA, tmp_path / "model.npz")
    assert same(model, expected, folder).ids == challenge.test_ids
    same(model, expected[6:], folder / "Xte1.csv")
    (folder / "Xte1.csv").rename(tmp_path / "other.csv")
    with pytest.raises(UserError, match=r"which of 2 sets is it of\? Name it .*: Xte0.csv, "):
        read_new_rows(tmp_path / "other.csv", model.expected)
    words = [line.split(",")[1] for line in (folder / "Xte0.csv").read_text().split()[1:]]
    np.testing.assert_array_equal(model.predict(words, [0] * 6), np.array(["0", "1"])[expected[:6]])
    with pytest.raises(UserError, match="give the number of each sample's set"):
        model.predict(words)


def test_a_model_of_graphs_answers_as_its_submission(networkx, tmp_path):
    graphs = some(networkx, 20)
    folder = write(tmp_path / "data", graphs[:14], [row % 2 for row in range(14)], graphs[14:])
    kernels = WeisfeilerLehmanTerm(rounds=1), GraphletsTerm()
    recipe = Recipe(members=(KernelMachineMember(kernels=kernels),))
    _, expected, model = kept(folder, recipe, tmp_path / "model.npz")
    same(model, expected, folder)
    same(model, expected, folder / "test_data.pkl")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    recipe = Recipe(members=(KernelPerceptronMember(epochs=1),))
    return kept(images(folder / "data"), recipe, folder / "model.npz"), folder


def test_a_member_of_ones_own_is_kept_by_its_fields(tmp_path):
    """A new member is one file: what it has learned is a dataclass, and nothing more is asked."""

    @dataclass(frozen=True, eq=False)
    class FittedShares(Fitted):
        shares: np.ndarray

        axes: ClassVar = {"shares": "float32 K"}

        def predict(self, samples):
            return np.tile(self.shares, (len(samples), 1))

    @dataclass(frozen=True)
    class Shares(Member):
        kind: str = "shares"

        def fit(self, rows, seed, advance=no_progress, callback=None):
            counts = np.bincount(rows.labels, minlength=rows.classes)
            return FittedShares((counts / counts.sum()).astype(np.float32))

    recipe = Recipe(members=(Shares(),))
    folder = images(tmp_path / "data")
    same(kept(folder, recipe, tmp_path / "model.npz")[2], np.zeros(10), folder / "Xte.csv")


def test_what_was_tampered_with_is_refused(small, tmp_path):
    (_, _, model), folder = small
    content, arrays = read_archive(folder / "model.npz")
    name = next(iter(arrays))
    other = {
        "an array": (content, arrays | {name: arrays[name] + 1}),
        "one less": (content, {key: array for key, array in arrays.items() if key != name}),
        "description": (content | {"model": {"os.system": {"command": "x"}}}, arrays),
        "format": (content | {"format": FORMAT - 1}, arrays),
    }
    for description, changed in other.values():
        write_archive(tmp_path / "model.npz", description, changed)
        with pytest.raises(UserError, match="is no model of this program, or is damaged"):
            load(tmp_path)
    with pytest.raises(UserError, match=f"format {FORMAT - 1}, this program reads {FORMAT}"):
        load(tmp_path)
    model.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (folder / "model.npz").read_bytes()


def test_a_picture_is_brought_to_the_form_of_the_challenge(small, tmp_path):
    from matplotlib.image import imsave

    (challenge, _, model), _ = small
    image = challenge.test[0, 0] / model.expected.largest
    large = 1 - np.kron(np.pad(image, 4), np.ones((4, 4)))  # dark on white paper, larger
    imsave(tmp_path / "large.png", large, cmap="gray", vmin=0, vmax=1)
    new = read_new_rows(tmp_path / "large.png", model.expected)
    assert new.samples.shape == (1, 1, 8, 8)
    assert new.ids == ("large",)
    assert new.samples.min() >= 0
    assert new.samples.max() <= model.expected.largest
    told = " ".join(new.notes)
    assert all(word in told for word in ("exchanged", "centred", "resized to 8 x 8"))
    assert model.predict(new.samples).shape == (1,)
    (tmp_path / "none.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="is no PNG that can be read"):
        read_new_rows(tmp_path / "none.png", model.expected)


@pytest.mark.parametrize("factor", [1 / 16, 255 / 16])
def test_images_on_another_scale_are_refused(small, tmp_path, factor):
    (_, _, model), _ = small
    rows = np.tile(np.arange(64) % 17, (3, 1))
    assert model.predict(rows).shape == (3,)
    assert model.predict(0 * rows).shape == (3,)  # black is black on any scale
    with pytest.raises(UserError, match="as their largest pixel, training images 15; bring them"):
        model.predict(rows * factor)
    cells = [model.expected.names, *(rows * factor).tolist()]
    lines(tmp_path / "x.csv", [",".join(map(str, row)) for row in cells])
    with pytest.raises(UserError, match=r"x.csv: the rows have .* as their largest pixel"):
        read_new_rows(tmp_path / "x.csv", model.expected)


def test_other_shapes_are_refused(small, tmp_path):
    (_, _, model), _ = small
    for x in (np.zeros((2, 1, 9, 8)), np.zeros(63), np.zeros((3, 65))):
        with pytest.raises(UserError, match=r"the model takes \[n, 1, 8, 8\], or one sample"):
            model.predict(x)
    lines(tmp_path / "x.csv", ["a,b", "1,2"])
    with pytest.raises(UserError, match="has no column 'pixel0'"):
        read_new_rows(tmp_path / "x.csv", model.expected)


def test_values_far_from_zero_come_back_to_the_bit(tmp_path):
    recipe, folder = TABLES["values"], tables(tmp_path / "data", True, 1e12)
    _, found, model = kept(folder, recipe, tmp_path / "m.npz")
    same(model, found, folder / "test.csv")
    plain = pipeline.predict(load_challenge(tables(tmp_path / "near", True)), recipe, Workers())
    np.testing.assert_allclose(found - 1e12, plain.rows - 0.25, atol=0.02)
    assert np.ptp(plain.rows) > 1
