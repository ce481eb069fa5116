"""Members put together in every way, and no prediction that knows the label of its own row."""

import dataclasses

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import Challenge, load_challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes
from rosenblatt.classic.standardisation import NumbersTerm
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.members import Rows
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember, Student
from rosenblatt.pipeline import splits
from rosenblatt.train.fit_results import Results
from rosenblatt.train.workers import Workers
from tests.challenge.folders import course

NETWORK = NetworkMember(
    count=2, blocks=((4,),), dense=0, dropout=0.0, epochs=6, batch_size=8, rate=0.05
)
PERCEPTRON = KernelPerceptronMember(gamma=0.02, epochs=2, weight=0.5)
MACHINE = KernelMachineMember(costs=(0.5, 5.0), kernels=(NumbersTerm(gamma=0.1),))
PLAIN = Recipe("r", members=(NETWORK, PERCEPTRON))
WAYS = {
    "mean": PLAIN,
    "vote": dataclasses.replace(PLAIN, combine="vote"),
    "weights": dataclasses.replace(PLAIN, combine="weights"),
    "stack": dataclasses.replace(PLAIN, combine="stack"),
    "pseudo-labels": dataclasses.replace(PLAIN, pseudo_labels=0.4),
    "pseudo-labels and weights": dataclasses.replace(PLAIN, pseudo_labels=0.4, combine="weights"),
    "student": dataclasses.replace(
        PLAIN,
        student=Student(blocks=((4,),), dense=0, dropout=0.0, epochs=9, batch_size=8, rate=0.1),
    ),
    "calibrated machines": Recipe(
        members=(MACHINE, dataclasses.replace(MACHINE, machine="ridge"), PERCEPTRON)
    ),
    "standardised": dataclasses.replace(
        PLAIN, features=dataclasses.replace(PLAIN.features, scale="standardise")
    ),
}


def told(labels):
    return Classes(labels, ("0", "1", "2"))


@pytest.fixture(scope="module")
def challenge(tmp_path_factory):
    """Three classes, each with its own bright corner of an 8 x 8 image, under noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(45) % 3
    images = rng.integers(0, 9, (60, 8, 8))
    for row, label in enumerate([*labels, *rng.integers(0, 3, 15)]):
        images[row, 4 * (label // 2) :, 4 * (label % 2) :][:4, :4] += 7
    folder = tmp_path_factory.mktemp("data")
    flat = images.reshape(60, 64)
    return load_challenge(course(folder, flat[:45], labels.tolist(), flat[45:]))


@pytest.fixture(scope="module")
def fold():
    return np.random.default_rng(1).permutation(45) % 3


@pytest.mark.parametrize("way", WAYS)
def test_no_prediction_knows_the_label_of_its_own_row(way, challenge, fold):
    """A leak planted in any part would show: labels of one fold are changed, its votes are not."""
    found = pipeline.cross_validate(challenge, WAYS[way], fold, Workers())
    labels = challenge.labels.copy()
    labels[fold == 1] = (labels[fold == 1] + 1) % 3
    other = dataclasses.replace(challenge, target=told(labels), digest="other labels")
    again = pipeline.cross_validate(other, WAYS[way], fold, Workers())
    assert np.array_equal(found.votes[fold == 1], again.votes[fold == 1])
    assert np.array_equal(found.members[:, fold == 1], again.members[:, fold == 1])
    assert not np.array_equal(found.votes[fold != 1], again.votes[fold != 1])  # it does matter


@pytest.mark.parametrize("way", WAYS)
def test_every_way_learns_and_predicts(way, challenge, fold):
    found = pipeline.cross_validate(challenge, WAYS[way], fold, Workers())
    assert found.members.shape == (3, 45, 3)
    assert (found.votes.argmax(1) == challenge.labels).mean() > 0.8
    predictions = pipeline.predict(challenge, WAYS[way], Workers()).rows
    assert predictions.shape == (15,)
    assert predictions.dtype == np.int64


@pytest.mark.parametrize("way", ["weights", "pseudo-labels and weights"])
def test_no_vote_that_weights_are_learned_on_knows_its_label(way, challenge, fold, monkeypatch):
    """The first fold is predicted: labels of the second are changed, its votes are not."""
    from rosenblatt.pipeline import ensemble

    seen = []

    def rule(votes, labels, metric):
        seen.append(votes)
        return ensemble.Mean(np.ones(3))

    monkeypatch.setattr(ensemble, "weights_rule", rule)
    labels = challenge.labels.copy()
    labels[fold == 1] = (labels[fold == 1] + 1) % 3
    other = dataclasses.replace(challenge, target=told(labels), digest="other labels")
    for one in (challenge, other):
        pipeline.cross_validate(one, WAYS[way], fold, Workers(), first=1)
    count = (fold == 1).sum()  # the second fold's votes come first
    assert np.array_equal(seen[0][:, :count], seen[1][:, :count])
    assert not np.array_equal(seen[0][:, count:], seen[1][:, count:])


def test_a_cheat_among_the_members_is_seen_through(challenge, fold, monkeypatch):
    """A member that knows its training rows by heart and guesses elsewhere gets no weight."""
    from rosenblatt.pipeline import ensemble

    honest = ensemble.learn

    def learn(shared, task, advance, checkpoint):
        result = honest(shared, task, advance, checkpoint)
        job, split = task
        if job.member.kind == "kernel_perceptron":
            known = dict(zip(split.rows.tolist(), split.target.labels.tolist(), strict=True))
            said = [known.get(row, 0) for row in split.out.tolist()]
            result.arrays["votes"] = np.eye(3, dtype=np.float32)[said] * 9
        return result

    monkeypatch.setattr(ensemble, "learn", learn)
    with_cheat = pipeline.cross_validate(challenge, WAYS["weights"], fold, Workers())
    assert (with_cheat.members[2].argmax(1) == 0).all()
    assert (with_cheat.votes.argmax(1) == challenge.labels).mean() > 0.8


def test_mean_and_vote_are_weighted_sums_in_order(challenge, fold):
    found = pipeline.cross_validate(challenge, PLAIN, fold, Workers())
    first, second, third = found.members.astype(np.float64)
    assert np.array_equal(found.votes, first + second + 0.5 * third)
    voted = pipeline.cross_validate(challenge, WAYS["vote"], fold, Workers())
    choices = np.eye(3)[found.members.argmax(2)]
    assert np.array_equal(voted.votes, choices[0] + choices[1] + 0.5 * choices[2])


@pytest.mark.parametrize("way", ["weights", "mean"])
def test_first_folds_alone_get_the_votes_that_they_have_among_all(challenge, fold, way):
    recipe = WAYS[way]
    every = pipeline.cross_validate(challenge, recipe, fold, Workers())
    seen = []
    found = pipeline.cross_validate(challenge, recipe, fold, Workers(), seen.append, first=2)
    assert np.array_equal(found.votes, every.votes[fold < 2])
    assert np.array_equal(found.members, every.members[:, fold < 2])
    assert seen[-1] == pipeline.units(recipe, 45, 3, 2)


def test_trainings_are_kept_shared_and_counted(challenge, fold, tmp_path):
    workers = Workers(results=Results(tmp_path))
    seen = []
    recipe = WAYS["weights"]
    found = pipeline.cross_validate(challenge, recipe, fold, workers, seen.append)
    count = len(list(tmp_path.iterdir()))
    assert count == 3 * (3 + 3)  # members x (folds + pairs of folds)
    assert seen[-1] == pipeline.units(recipe, 45, 3)
    plain = pipeline.cross_validate(challenge, PLAIN, fold, workers)
    assert len(list(tmp_path.iterdir())) == count  # the same trainings
    assert np.array_equal(plain.members, found.members)
    for way in ("pseudo-labels", "pseudo-labels and weights"):
        seen.clear()
        pipeline.predict(challenge, WAYS[way], Workers(), seen.append)
        assert seen[-1] == pipeline.units(WAYS[way], 45)
        pipeline.cross_validate(challenge, WAYS[way], fold, Workers(), seen.append)
        assert seen[-1] == pipeline.units(WAYS[way], 45, 3)
    history = Results(tmp_path).find(next(tmp_path.iterdir()).stem).facts["history"]
    assert isinstance(history, list)


def test_of_many_rows_the_first_folds_tell_the_weights(challenge, monkeypatch):
    monkeypatch.setattr(splits, "ENOUGH", 10)  # of 45 rows: one fold of five, or of the four left
    recipe = dataclasses.replace(WAYS["weights"], folds=5)
    whole = pipeline.whole_split(challenge, recipe)
    assert [one.left_out for one in splits.inner_splits(recipe, whole)] == [(0,), (1,)]
    seen = []
    pipeline.predict(challenge, recipe, Workers(), seen.append)
    assert seen[-1] == pipeline.units_to_predict(challenge, recipe)
    assert seen[-1] == (1 + 2) * pipeline.units(PLAIN, 45)


def test_views_average_over_changed_copies(challenge):
    still = dataclasses.replace(NETWORK, augmentation=Augmentation(), views=3)
    moving = dataclasses.replace(NETWORK, augmentation=Augmentation(shift=2.0), views=3)
    rows = Rows(challenge.train, challenge.target)

    def votes(member):
        return member.fit(rows, 1001).predict(challenge.test)

    one = votes(dataclasses.replace(still, views=1))
    np.testing.assert_allclose(votes(still), one, rtol=1e-5)  # copies that are not changed
    assert np.array_equal(votes(moving), votes(moving))
    assert not np.allclose(votes(moving), votes(dataclasses.replace(moving, views=1)))
    np.testing.assert_allclose(votes(moving).sum(1), 1, rtol=1e-5)


def test_two_folds_are_too_few_to_learn_weights_on(challenge):
    with pytest.raises(UserError, match="at least three folds"):
        pipeline.cross_validate(challenge, WAYS["weights"], np.arange(45) % 2, Workers())


def test_a_student_learns_what_the_members_say(challenge, fold):
    """It trusts them wholly, they are told nonsense labels: it says what they say, to the label."""
    wrong = dataclasses.replace(
        challenge, target=told((challenge.labels + 1) % 3), digest="wrong", train=challenge.train
    )
    recipe = WAYS["student"]
    student = dataclasses.replace(recipe.student, trust=1.0, epochs=12)
    taught = dataclasses.replace(recipe, student=student)
    seen = []
    found = pipeline.cross_validate(wrong, taught, fold, Workers(), seen.append)
    assert seen[-1] == pipeline.units(taught, 45, 3)
    plain = pipeline.cross_validate(wrong, PLAIN, fold, Workers())
    assert np.array_equal(found.members, plain.members)
    assert not np.array_equal(found.votes, plain.votes)
    assert (found.votes.argmax(1) == plain.votes.argmax(1)).mean() > 0.8
    np.testing.assert_allclose(found.votes.sum(1), 1, rtol=1e-5)


def test_a_metric_of_a_rare_class_is_answered_by_its_own_threshold():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 2)).astype(np.float32)
    labels = (x[:, 0] + rng.normal(size=300) > 1.6).astype(np.int64)
    challenge = Challenge(
        "rare", "numbers", x, Classes(labels, ("0", "1")), x[:200], tuple(map(str, range(200))),
        "Id", "Label", "digest",
    )  # fmt: skip
    recipe = Recipe(members=(MACHINE,))
    (plain, no_cuts, _), (f1, cuts, _), (auc, *_) = (
        pipeline.predict(dataclasses.replace(challenge, metric=metric), recipe, Workers())
        for metric in ("accuracy", "f1", "auc")
    )
    assert no_cuts is None
    assert f1.tolist() == (auc >= cuts[0]).tolist()
    assert set(f1) == {0, 1}
    assert f1.sum() > plain.sum()
    assert auc[f1 == 1].min() >= auc[f1 == 0].max()
    assert auc.dtype.kind == "f"
