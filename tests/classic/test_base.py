"""The contract that every estimator keeps: parameters, columns, refitting, weights, scores."""

import inspect
import warnings

import numpy as np
import pytest

from rosenblatt.classic import (
    SVM,
    KernelPerceptron,
    KernelRidgeRegressor,
    LogisticRegression,
    NaiveBayes,
    Perceptron,
    VirtualSVM,
)
from rosenblatt.classic.base import Classifier, Estimator, Regressor, Transformer
from rosenblatt.classic.inputs import DataConversionWarning, NotFittedError
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian
from tests.classic.examples import (
    CLASSIFIERS,
    ESTIMATORS,
    LABELS,
    NEW,
    TREES,
    VALUES,
    WEIGHTED,
    X,
    answer,
    frame,
    targets,
)

every = pytest.mark.parametrize("make", ESTIMATORS)
weighted = pytest.mark.parametrize("make", WEIGHTED)


def fitted(make, **parameters):
    return make(**parameters).fit(X, targets(make))


@pytest.mark.parametrize("make", [*ESTIMATORS, VirtualSVM])
def test_an_estimator_is_of_one_kind(make):
    kinds = [base for base in (Classifier, Regressor, Transformer) if issubclass(make, base)]
    assert len(kinds) == 1
    asked = {"predict", "score", "transform", "decision_function"} & set(dir(make))
    assert asked == {
        Classifier: {"predict", "score", "decision_function"},
        Regressor: {"predict", "score"},
        Transformer: {"transform"},
    }[kinds[0]] | ({"decision_function"} if make is VirtualSVM else set())


@every
def test_parameters_go_in_and_out_as_they_are(make):
    marks = {name: object() for name in inspect.signature(make).parameters}
    estimator = make(**marks)  # even nonsense: fit is what checks
    assert estimator.get_params() == marks == vars(estimator)
    other = make()
    assert other.set_params(**marks) is other
    assert other.get_params() == marks
    with pytest.raises(UserError, match=f"{make.__name__} has no parameter 'nothing'; it has "):
        other.set_params(nothing=1)
    names = {"gaussian": Gaussian}
    assert eval(repr(make()), {make.__name__: make, **names}).get_params() == make().get_params()


@every
def test_a_copy_by_its_parameters_learns_the_same(make):
    first = fitted(make)
    second = make(**first.get_params()).fit(X, targets(make))
    np.testing.assert_array_equal(answer(first, NEW), answer(second, NEW))


@every
def test_a_second_fit_forgets_the_first(make):
    again = make().fit(frame(X), targets(make))
    assert again.feature_names_in_.tolist() == ["a", "b", "c"]
    again.fit(X[:15, :2], targets(make)[:15])
    fresh = make().fit(X[:15, :2], targets(make)[:15])
    assert vars(again).keys() == vars(fresh).keys()
    assert again.n_features_in_ == 2
    np.testing.assert_array_equal(answer(again, NEW[:, :2]), answer(fresh, NEW[:, :2]))


@every
def test_columns_are_matched_by_their_names(make):
    by_name = make().fit(frame(X), targets(make))
    wanted = answer(fitted(make), NEW)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for order in ("abc", "cab", "bca"):
            np.testing.assert_array_equal(answer(by_name, frame(NEW, order)), wanted)
    with pytest.warns(UserWarning, match="these samples have no names"):
        np.testing.assert_array_equal(answer(by_name, NEW), wanted)
    with pytest.warns(UserWarning, match="those learned from have no names"):
        np.testing.assert_array_equal(answer(fitted(make), frame(NEW)), wanted)
    with pytest.raises(UserError, match="there is no 'c'; give the same"):
        answer(by_name, frame(NEW, "ab"))
    with pytest.raises(UserError, match=f"{make.__name__} is expecting 3 features"):
        answer(by_name, NEW[:, :2])


@every
def test_what_has_not_learned_says_so(make):
    with pytest.raises(NotFittedError, match="call fit first"):
        answer(make(), NEW)
    assert issubclass(NotFittedError, UserError)
    assert issubclass(UserError, ValueError)


@pytest.mark.parametrize("make", [Perceptron, KernelPerceptron])
def test_a_vote_that_was_not_learned_says_so(make):
    with pytest.raises(NotFittedError, match="call fit first"):
        fitted(make).set_params(answer="voted").predict(NEW)


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_the_score_is_the_share_of_rows_told_right(make):
    machine = fitted(make)
    right = sum(said == true for said, true in zip(machine.predict(X), LABELS, strict=True))
    assert machine.score(X, LABELS) == right / 21
    with pytest.raises(UserError, match="20 labels for 21 samples"):
        machine.score(X, LABELS[:20])


def test_a_column_of_labels_is_taken_with_a_warning():
    with pytest.warns(DataConversionWarning, match="column-vector"):
        machine = SVM().fit(X, LABELS[:, None])
    np.testing.assert_array_equal(machine.predict(NEW), fitted(SVM).predict(NEW))


@weighted
def test_weights_are_as_so_many_rows(make):
    given = {"kernel": Gaussian(0.5), "penalty": 1e-2}
    given = {name: value for name, value in given.items() if name in make().get_params()}
    counts = np.arange(21) % 4  # also rows that count nothing
    repeated = np.repeat(np.arange(21), counts)
    y = targets(make)
    by_weight = make(**given).fit(X, y, sample_weight=counts)
    by_rows = make(**given).fit(X[repeated], y[repeated])
    np.testing.assert_allclose(answer(by_weight, NEW), answer(by_rows, NEW), atol=2e-4)
    of_one = make(**given).fit(X, y, sample_weight=np.ones(21))
    np.testing.assert_array_equal(answer(of_one, NEW), answer(make(**given).fit(X, y), NEW))


@pytest.mark.parametrize("make", [*TREES, *(make for make in WEIGHTED if make is not NaiveBayes)])
@pytest.mark.parametrize("scale", [1e-3, 1e6, 1e200, 1e-200, 1e307])
def test_the_scale_of_weights_is_no_matter(make, scale):
    weights = 0.2 + np.arange(21) % 4 / 2
    given = {name: 5 for name in ("rounds", "trees") if name in make().get_params()}
    wanted = answer(make(**given).fit(X, targets(make), weights), NEW)
    found = answer(make(**given).fit(X, targets(make), weights * scale), NEW)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("make", TREES)
def test_equal_weights_of_any_scale_are_none(make):
    given = {name: 5 for name in ("rounds", "trees") if name in make().get_params()}
    wanted = answer(make(**given).fit(X, targets(make)), NEW)
    assert np.ptp(wanted) > 0
    for weight in (1 / 21, 3.0, 1e6):
        found = answer(make(**given).fit(X, targets(make), np.full(21, weight)), NEW)
        np.testing.assert_array_equal(found, wanted)


@weighted
@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (np.ones(20), "20 sample weights for 21 samples"),
        (np.zeros(21), "all weights are zero"),
        (-np.ones(21), "below zero"),
        (np.full(21, np.nan), "number 1 of the sample weights is nan"),
        (np.ones((21, 2)), r"give \[N\]"),
    ],
)
def test_weights_that_fit_nothing_are_refused(make, weights, words):
    machine = fitted(make)
    before = answer(machine, NEW)
    with pytest.raises(UserError, match=words):
        machine.fit(X, targets(make), sample_weight=weights)
    np.testing.assert_array_equal(answer(machine, NEW), before)


def test_values_of_one_target_and_of_several():
    several = np.stack([VALUES, VALUES**2, -VALUES], 1)
    machine = KernelRidgeRegressor(Gaussian(0.5), penalty=1e-3).fit(X, several)
    assert machine.predict(NEW).shape == (6, 3)
    assert machine.leave_one_out_.shape == (21, 3)
    for column, values in enumerate(several.T):
        alone = KernelRidgeRegressor(Gaussian(0.5), penalty=1e-3).fit(X, values)
        np.testing.assert_allclose(machine.predict(NEW)[:, column], alone.predict(NEW), atol=1e-5)
    assert KernelRidgeRegressor().fit(X, VALUES[:, None]).predict(NEW).shape == (6, 1)


def test_the_score_of_values_is_the_share_of_their_variance():
    machine = fitted(KernelRidgeRegressor, penalty=0.1)
    said = machine.predict(X)
    wanted = (
        1 - np.var(VALUES - said) / np.var(VALUES) - np.mean(VALUES - said) ** 2 / np.var(VALUES)
    )
    assert machine.score(X, VALUES) == pytest.approx(wanted, abs=1e-9)
    for value in (1.0, 0.1):  # the computed mean of 0.1 is another number
        with pytest.raises(UserError, match="R\\^2 is not defined"):
            machine.score(X, np.full(21, value))


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (VALUES[:20], "21 samples, but 20 values"),
        (np.where(VALUES > 3, np.inf, VALUES), "is inf"),
        (LABELS, "values of type <U1"),
        (None, "requires y"),
        (np.zeros((21, 1, 1)), r"give \[N, T\]"),
    ],
)
def test_values_that_are_none_are_named(y, words):
    with pytest.raises(UserError, match=words):
        KernelRidgeRegressor().fit(X, y)


def test_a_new_estimator_is_a_dataclass_and_one_method():
    from dataclasses import dataclass

    @dataclass(eq=False)
    class Mean(Regressor):
        """Predicts the mean, plus `shift`."""

        shift: float = 0.0

        def _fit(self, x, values):
            self.mean_ = values.mean(0)

        def _values(self, x):
            return np.tile(self.mean_ + self.shift, (len(x), 1))

    assert isinstance(Mean(), Estimator)
    assert Mean(shift=1.0).fit(X, VALUES).predict(NEW) == pytest.approx(VALUES.mean() + 1)
    assert repr(Mean()).endswith("Mean(shift=0.0)")
    assert LogisticRegression().score != Mean().score
