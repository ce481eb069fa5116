"""Folds inside part no rows that the challenge's own folds keep together: a planted leak shows it.

Rows of a person have the same answer, drawn at random, and nearly the same numbers. Who parts them
believes that the numbers tell the answer, and is sure of new persons; they tell nothing of these.
"""

import dataclasses

import numpy as np
import pandas
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes, Values
from rosenblatt.features.tables.encoding import TableTerm
from rosenblatt.features.tables.feature import Lesson
from rosenblatt.features.tables.target_mean import TargetMean
from rosenblatt.members import Rows
from rosenblatt.members.boosting import BoostingMember
from rosenblatt.members.feature_machine import FeatureMachineMember
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.linear import LinearMember
from rosenblatt.members.table_network import TableNetworkMember
from rosenblatt.train.workers import Workers

PERSONS, EACH, NUMBERS = 40, 6, 30
MEMBERS = {
    "boosting": BoostingMember(rate=0.2),
    "feature machine": FeatureMachineMember(rounds=1),
    "linear": LinearMember(),
    "network": TableNetworkMember(networks=1, layers=(32,), frequencies=2, embedding=2, epochs=60),
    "svm": KernelMachineMember(kernels=(TableTerm(),), costs=(10.0,)),
    "ridge": KernelMachineMember(kernels=(TableTerm(),), machine="ridge", gamma=0.1),
}


def persons(seed, count=PERSONS):
    """Return numbers of rows [N, D] float32, their person and its answer."""
    rng = np.random.default_rng(seed)
    who = rng.permutation(np.repeat(np.arange(count), EACH))
    x = rng.normal(0, 1, (count, NUMBERS))[who] + rng.normal(0, 0.1, (len(who), NUMBERS))
    return x.astype(np.float32), who, (rng.permutation(count) % 2)[who]


def loss(member, together):
    """Return the log loss of a member on persons that it has not seen; 0.69 is to know nothing."""
    x, who, answer = persons(1)
    rows = Rows(x, Classes(answer, ("no", "yes")), together=who if together else None)
    new, _, truth = persons(2, 100)
    shares = member.fit(rows, 0).predict(new)
    return -np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-6)).mean()


@pytest.mark.parametrize("member", MEMBERS.values(), ids=MEMBERS)
def test_a_member_is_not_sure_of_persons_that_it_has_not_seen(member):
    kept = loss(member, together=True)
    assert kept < 1.0
    assert kept < loss(member, together=False) - 0.1  # which takes the leak


@pytest.mark.parametrize("how", ["out_of_fold", "ordered"])
def test_a_row_is_not_described_by_the_answers_of_its_person(how):
    _, who, answer = persons(3)
    street = pandas.Series(pandas.Categorical.from_codes(who, [f"s{k}" for k in range(PERSONS)]))
    truth = answer[:, None].astype(float)
    feature = TargetMean(how=how, smoothing=1.0)
    told = {fold is None: feature.own(street, Lesson(truth, truth.mean(0), 5, fold))[:, 0]
            for fold in (who % 5, None)}  # fmt: skip
    assert np.ptp(told[False]) == 0  # a street is one person's
    assert np.corrcoef(told[True], answer)[0, 1] > 0.8


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a challenge of persons in train.csv, and others in test.csv."""
    folder = tmp_path_factory.mktemp("persons")
    x, who, answer = persons(4)
    table = pandas.DataFrame(x[:, :5], columns=[f"x{k}" for k in range(5)])
    table.insert(0, "Id", np.arange(len(x)))
    table.insert(1, "person", [f"p{one}" for one in who])
    table.insert(2, "day", np.arange(len(x)) // 3 * 1.5)
    table.assign(answer=answer).to_csv(folder / "train.csv", index=False)
    table.iloc[:30].assign(Id=np.arange(30) + 9000).to_csv(folder / "test.csv", index=False)
    lines = ["Id,fold", *(f"{row},{one % 7}" for row, one in enumerate(who))]
    (folder / "folds.csv").write_text("\n".join([*lines, ""]))
    return folder


@pytest.mark.parametrize("how", ["group person", "time day", "blocks", "folds.csv", ""])
def test_all_folds_of_a_run_keep_together_what_the_user_does(folder, how, monkeypatch):
    given = str(folder / how) if how.endswith(".csv") else how
    challenge = dataclasses.replace(load_challenge(folder), folds=given, metric="f1")
    if how == "time day":
        days = challenge.train["day"].astype(float).to_numpy()
        near = np.abs(np.diff(days)) < 1
    who = persons(4)[1]
    seen = []

    def fit(member, rows, seed, advance, callback=None):
        seen.append(rows)
        return real(member, rows, seed, advance, callback)

    real = LinearMember.fit
    monkeypatch.setattr(LinearMember, "fit", fit)
    recipe = Recipe("r", combine="weights", members=(LinearMember(penalty=0.1),) * 2, folds=4)
    pipeline.predict(challenge, recipe, Workers())
    split = pipeline.whole_split(challenge, recipe)
    assert len(seen) == 2 * (4 + 1)  # a threshold is chosen on the votes that weights are
    if how == "":
        assert split.together is None
        assert all(rows.together is None for rows in seen)
        return
    folds = [split.group, *(rows.together for rows in seen if len(rows.together) == len(who))]
    for fold in folds:
        if how in ("group person", "folds.csv"):
            assert len(set(zip(who, fold, strict=True))) <= PERSONS
        elif how == "time day":
            assert not (np.diff(fold) != 0)[near].any()
        else:
            assert (np.diff(fold) != 0).sum() < len(who) / 4
    for rows in seen:  # and in all that is learned from less
        assert len(rows.together) == len(rows.samples) <= len(who)


def test_guessed_rows_are_each_alone(folder):
    challenge = dataclasses.replace(load_challenge(folder), folds="group person")
    split = pipeline.whole_split(challenge, Recipe("r", members=(LinearMember(),)))
    wider = split.with_labels(split.out[:3], np.zeros(3, np.int64))
    assert len(set(wider.together.tolist())) == PERSONS + 3
    assert wider.without(1).together.tolist() == wider.together[wider.group != 1].tolist()


def test_values_are_learned_by_the_same_folds():
    x, who, answer = persons(6)
    target = Values(answer[:, None] * 2.0 - 1, ("y",))
    new, _, _ = persons(7)
    for name in ("boosting", "feature machine", "linear", "ridge"):
        said = {together is None: MEMBERS[name].fit(Rows(x, target, together=together), 0)
                for together in (who, None)}  # fmt: skip
        kept, parted = (np.square(said[way].predict(new)).mean() for way in (False, True))
        assert kept < 0.7 * parted
