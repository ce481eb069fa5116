"""Folds by groups that leave classes out of what is learned are refused, with both named."""

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.classic import BoostedTreesClassifier, FeatureMachineClassifier, KernelRidge
from rosenblatt.data.judged import check_judged, learned_elsewhere
from rosenblatt.errors import UserError
from rosenblatt.pipeline.folds import inner_folds, split_rows
from tests.challenge.folders import lines

CHOOSING = FeatureMachineClassifier, BoostedTreesClassifier, KernelRidge
RNG = np.random.default_rng(0)
Y = np.arange(120) % 3
X = RNG.normal(size=(120, 3)) + 3 * np.eye(3)[Y]


@pytest.mark.parametrize("make", CHOOSING)
@pytest.mark.parametrize("classes", [2, 3])
def test_groups_of_one_class_each_are_refused(make, classes):
    x, y = X[classes > Y], Y[classes > Y]
    with pytest.raises(UserError, match=r"class 0 \(group 10\), of class 1 \(group 11\)"):
        make().fit(x, y, groups=y + 10)
    with pytest.raises(UserError, match=r"class 'u' \(group 0\), of class 'v' \(group 1\)"):
        make().fit(x, np.array(["u", "v", "w"])[y], groups=y)


@pytest.mark.parametrize("make", CHOOSING)
def test_a_class_of_two_in_one_group_is_refused(make):
    x, y = X[Y < 2], Y[Y < 2]
    with pytest.raises(UserError, match=r"all rows of class 1 \(group 99\) are held out together"):
        make().fit(x, y, groups=np.where(y, 99, np.arange(len(y)) % 10))


@pytest.mark.parametrize("make", CHOOSING)
def test_one_class_of_three_in_one_group_is_learned(make):
    groups = np.where(Y == 1, 99, np.arange(120) // 3 % 10)
    said = make().fit(X, Y, groups=groups).predict(X)
    assert min((said[k == Y] == k).mean() for k in range(3)) > 0.8
    together = np.zeros(120, np.int64)
    np.testing.assert_array_equal(
        make().fit(X, Y, groups=together).predict(X),
        make().fit(X, Y, groups=together + 7).predict(X),
    )


def test_a_class_alone_in_its_fold_is_not_calibrated_on():
    y = np.arange(200) % 5
    x = np.random.default_rng(1).normal(size=(200, 5)) + 3 * np.eye(5)[y]
    groups = np.where(y == 1, 99, np.arange(200) // 5 % 10)
    said = FeatureMachineClassifier().fit(x, y, groups=groups).predict(x)
    assert (said[y == 1] == 1).mean() > 0.8


def test_what_needs_no_folds_is_learned():
    KernelRidge(penalty=0.1).fit(X, Y, groups=Y)
    BoostedTreesClassifier(rounds=3).fit(X, Y, groups=Y)


def test_rows_and_folds_that_are_tried():
    labels, fold = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 2, 2])
    assert learned_elsewhere(labels, fold).tolist() == [True] * 4 + [False] * 2
    check_judged(labels, fold, fold, "abc")
    with pytest.raises(UserError, match=r"class 'c' \(group 0\)"):
        check_judged(labels, (fold + 1) % 3, (fold + 1) % 3, "abc", 1)
    with pytest.raises(UserError, match=r"class 'a', of class 'b', of class 'c', and of 1 more"):
        check_judged(np.arange(4), np.arange(4), None, "abcd")
    with pytest.raises(UserError, match=r"class 'a' \(groups 3, 4\)"):
        check_judged(np.array([0, 0, 1]), np.array([0, 0, 1]), np.array([3, 4, 5]), "ab")


def test_a_challenges_groups_that_part_the_classes_are_refused(tmp_path):
    rows = [f"{row},{RNG.random():.3f},s{row % 4},{'ab'[row % 4 > 1]}" for row in range(80)]
    lines(tmp_path / "train.csv", ["Id,x,subject,kind", *rows])
    lines(tmp_path / "test.csv", ["Id,x,subject", *(f"{row},0.5,t" for row in range(80, 84))])
    (tmp_path / "challenge.toml").write_text('folds = "group subject"\n')
    challenge = load_challenge(tmp_path)
    split_rows(challenge, "group subject", 4, np.random.default_rng(0))
    (tmp_path / "challenge.toml").write_text('folds = "group site"\n')
    rows = [f"{row},{row[-1]}1" for row in rows]
    lines(tmp_path / "train.csv", ["Id,x,subject,kind,site", *rows])
    lines(tmp_path / "test.csv", ["Id,x,subject,site", *(f"{r},0.5,t,c1" for r in range(80, 84))])
    challenge = load_challenge(tmp_path)
    with pytest.raises(
        UserError, match=r"group site: the groups part the classes: .* 'a', of class 'b'"
    ):
        split_rows(challenge, "group site", 2, np.random.default_rng(0))
    with pytest.raises(UserError, match="folds inside: the groups part the classes"):
        inner_folds(challenge, 2, np.random.default_rng(0))
