"""Whatever sees the target describes training rows by others: in pure noise it finds nothing."""

import numpy as np
import pandas
import pytest

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.errors import UserError
from rosenblatt.features.tables.cells import Cells
from rosenblatt.features.tables.crossings import Crossings
from rosenblatt.features.tables.encoding import TableTerm, encode
from rosenblatt.features.tables.feature import ColumnFeature, Lesson, TargetFeature
from rosenblatt.features.tables.levels import OneHot
from rosenblatt.features.tables.target_mean import TargetMean
from rosenblatt.members import Rows
from rosenblatt.members.boosting import BoostingMember
from rosenblatt.members.kernel_machine import KernelMachineMember

ROWS = 600
SEEING = {
    "out of fold": (TargetMean(),),
    "ordered": (TargetMean(how="ordered"),),
    "barely smoothed": (TargetMean(smoothing=0.5),),
    "crossings": (Crossings(), OneHot(rare=5)),
    "crossings, their means": (Crossings(), TargetMean(smoothing=1.0)),
}


def noise(seed):
    """Return a table of levels, few and many, that have nothing to do with what is asked."""
    rng = np.random.default_rng(seed)
    few = {name: rng.integers(0, 6, ROWS) for name in ("shop", "day", "size")}
    many = {"street": rng.integers(0, 250, ROWS)}
    frame = pandas.DataFrame({
        name: pandas.Categorical.from_codes(codes, [f"{name}{k}" for k in range(codes.max() + 1)])
        for name, codes in (few | many).items()
    })  # fmt: skip
    return frame, rng.integers(0, 2, ROWS), rng.normal(0, 1, (ROWS, 1))


def chance(rows):
    """Return a correlation beyond which noise lies once in a thousand."""
    return 3.3 / np.sqrt(rows)


def held_out(member, frame, target):
    """Return the correlation of what is asked with what five folds say of each other's rows."""
    fold = np.arange(len(frame)) % 5
    said = np.empty(len(frame))
    for k in range(5):
        rows = Rows(frame[fold != k], target[fold != k])
        said[fold == k] = member.fit(rows, 1).predict(frame[fold == k])[:, -1]
    return np.corrcoef(said, target.responses[:, 0])[0, 1]


def test_every_kind_that_sees_the_target_is_tried_here():
    kinds = ColumnFeature.kinds().values()
    seeing = {kind for kind in kinds if issubclass(kind, TargetFeature | Crossings)}
    assert seeing == {type(feature) for features in SEEING.values() for feature in features
                      if not isinstance(feature, OneHot)}  # fmt: skip
    for kind in seeing:  # and none that does would learn without one
        with pytest.raises(UserError, match="learns from the target"):
            encode(noise(0)[0], (kind(), OneHot()))


@pytest.mark.parametrize("features", SEEING.values(), ids=SEEING)
def test_noise_is_no_better_than_chance(features):
    frame, labels, values = noise(1)
    trees = BoostingMember(rounds=30, rate=0.2, features=features)
    for target in (Classes(labels, ("no", "yes")), Values(values, ("y",))):
        assert abs(held_out(trees, frame, target)) < chance(ROWS)


def test_noise_is_no_better_than_chance_to_a_kernel_machine():
    frame, _, values = noise(5)
    term = TableTerm(features=(TargetMean(smoothing=1.0),))
    ridge = KernelMachineMember(machine="ridge", kernels=(term,))
    assert abs(held_out(ridge, frame[:160], Values(values[:160], ("y",)))) < chance(160)


@pytest.mark.parametrize("how", ["out_of_fold", "ordered"])
def test_numbers_of_training_rows_do_not_tell_their_own_answers(how):
    frame, _, values = noise(2)
    _, rows = encode(frame, (TargetMean(columns=("street",), how=how, smoothing=1.0),), values)
    assert np.corrcoef(rows[:, 0], values[:, 0])[0, 1] < chance(ROWS)
    whole = TargetMean(smoothing=1.0).fit_target(frame["street"], values, values.mean(0))
    leaked = whole(frame["street"])[:, 0]  # so a leak would look
    assert np.corrcoef(leaked, values[:, 0])[0, 1] > 0.4


@pytest.mark.parametrize("how", ["out_of_fold", "ordered"])
def test_another_answer_of_a_row_changes_its_own_numbers_not_at_all(how):
    frame, _, values = noise(3)
    feature = TargetMean(columns=("street",), how=how)
    prior = np.zeros(1)
    moved = 0.0
    before = feature.own(frame["street"], Lesson(values, prior, 7))
    for row in range(0, ROWS, 97):
        other = values.copy()
        other[row] += 100
        after = feature.own(frame["street"], Lesson(other, prior, 7))
        np.testing.assert_allclose(after[row], before[row], atol=1e-9)
        moved = max(moved, np.abs(after - before).max())
    assert moved > 1


def test_what_is_there_is_found():
    frame, _, values = noise(4)
    street = frame["street"].cat.codes.to_numpy()
    values[:, 0] += 3 * (street % 2)
    both = frame["shop"].cat.codes.to_numpy() % 2 == frame["day"].cat.codes.to_numpy() % 2
    values[:, 0] += 3 * both
    encoding, rows = encode(frame, (Crossings(), Cells(), TargetMean()), values)
    assert any(name.startswith("shop x day") for name in encoding.names)
    assert not any(name.startswith(("shop x size", "day x size")) for name in encoding.names)
    for name, true in (("street", street % 2), ("shop x day", both)):
        found = rows[:, encoding.names.index(f"{name} mean of answer 1")]
        assert np.corrcoef(found, true)[0, 1] > 0.55
