"""Recursive feature machines against a dense one, and what they find."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import FeatureMachineClassifier, FeatureMachineRegressor, feature_machine
from rosenblatt.classic.calibration import Temperature
from rosenblatt.classic.cholesky import held_out
from rosenblatt.errors import UserError
from tests.reference.similarity import laplacian as reference


def table(rows, columns=5, seed=0):
    """Return rows of which the first column alone decides, and its values."""
    rng = np.random.default_rng(seed)
    x = rng.random((rows, columns)).astype(np.float32)
    return x, np.abs(x[:, :1] * 4 - 2).astype(np.float64)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 30), st.integers(2, 5), st.floats(0.01, 5), st.integers(0, 10**6))
def test_held_out_equals_a_fit_without_each_fold(rows, folds, penalty, seed):
    x, y = table(rows, seed=seed)
    folds = min(folds, rows)
    ends = [0, *np.cumsum([len(part) for part in np.array_split(np.arange(rows), folds)])]
    gram = reference.kernel(x, x, np.ones(5), 1.0) + penalty * np.eye(rows)
    missed = held_out(np.linalg.cholesky(gram), y, ends)
    expected = reference.held_out(x, y, np.ones(5), 1.0, penalty, folds)
    np.testing.assert_allclose(y - missed, expected, atol=1e-9)


@pytest.mark.parametrize("targets", [1, 2])
def test_a_round_equals_the_dense_twin(targets):
    x, y = table(40)
    y = np.repeat(y, targets, 1) * [1.0, -3.0][:targets]
    machine = FeatureMachineRegressor(rounds=1, width=2.0, penalty=0.1).fit(x, y)
    z, unit = x / x.std(0), (y - y.mean(0)) / y.std(0)
    order = np.random.default_rng(0).permutation(40)
    metric, errors = np.ones(5), []
    for number in range(2):
        gamma = 1 / (2 * np.mean([np.sum(metric * np.abs(a - b)) for a, b in
                                  zip(z[order][1:], z[order][:-1], strict=True)]))  # fmt: skip
        dual = reference.fit(z, unit, metric, gamma, 0.1)
        ends = [40 * k // 5 for k in range(6)]
        assert ends[1] == 8  # as np.array_split of the twin
        scores = reference.held_out(z[order], unit[order], metric, gamma, 0.1, 5)
        errors.append(np.mean((scores - unit[order]) ** 2))
        if number == 0:
            first, metric = metric, reference.next_metric(z, dual, metric, gamma)
    np.testing.assert_allclose([error for *_, error in machine.path_], errors, rtol=1e-4)
    assert errors[1] < errors[0]
    np.testing.assert_allclose(machine.metric_, metric, atol=1e-3)
    new = table(9, seed=1)[0]
    told = reference.kernel(new / x.std(0), z, metric, gamma) @ dual * y.std(0) + y.mean(0)
    np.testing.assert_allclose(machine.predict(new), told, atol=2e-3)
    assert first.all()


def test_the_column_that_decides_is_found_and_helps():
    x, y = table(300, columns=12)
    new, truth = table(200, columns=12, seed=1)
    plain = FeatureMachineRegressor(rounds=0).fit(x, y[:, 0])
    learned = FeatureMachineRegressor().fit(x, y[:, 0])
    assert learned.metric_[0] == 1
    assert learned.metric_[1:].max() < 0.2
    lost = [np.mean((m.predict(new) - truth[:, 0]) ** 2) for m in (plain, learned)]
    assert lost[1] < 0.2 * lost[0]


def test_the_scale_of_a_column_does_not_count():
    x, y = table(60)
    factors = np.array([1, 1024, 1, 1 / 64, 8], np.float32)  # exact in binary
    first, second = (FeatureMachineRegressor().fit(a, y) for a in (x, x * factors))
    np.testing.assert_allclose(first.predict(x), second.predict(x * factors), atol=1e-5)


def test_probabilities_are_calibrated_by_rows_held_out():
    rng = np.random.default_rng(0)
    x = rng.random((600, 3)).astype(np.float32)
    for classes in (2, 3):
        labels = np.where(rng.random(600) < 0.3, rng.integers(0, classes, 600),
                          np.minimum(x[:, 0] * classes, classes - 1).astype(int))  # fmt: skip
        machine = FeatureMachineClassifier().fit(x[:400], labels[:400])
        p = machine.predict_proba(x[400:])
        np.testing.assert_allclose(p.sum(1), 1, atol=1e-6)
        assert abs(p.max(1).mean() - (p.argmax(1) == labels[400:]).mean()) < 0.08
        np.testing.assert_array_equal(p.argmax(1), machine.predict(x[400:]))


def test_of_many_rows_scores_of_several_classes_are_weighed_and_of_few_sharpened():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1600, 2))
    odds = np.hstack([3 * x, -3 * x, -np.ones((1600, 1)), 2 * x[:, :1] * x[:, 1:]])
    labels = (odds + rng.gumbel(size=odds.shape)).argmax(1)
    few, many = (FeatureMachineClassifier(rounds=0).fit(x[:n], labels[:n]) for n in (40, 1000))
    assert np.array_equal(few.slope_, few.slope_[0, 0] * np.eye(len(few.slope_)))
    assert not few.offset_.any()
    own = np.arange(600), labels[1000:]
    weighed = np.log(many.predict_proba(x[1000:])[own]).mean()
    many.slope_, many.offset_ = np.eye(6), np.zeros(6)
    scores = many.decision_function(x[1000:])
    sharpened = Temperature.fit(scores, labels[1000:])  # at its best on these very rows
    assert weighed > np.log(sharpened(scores)[own]).mean()


def test_few_centres_come_near_to_all(monkeypatch):
    x, y = table(300)
    exact = FeatureMachineRegressor().fit(x, y)
    monkeypatch.setattr(feature_machine, "EXACT", 100)
    monkeypatch.setattr(feature_machine, "WORK", 300 * 150**2)
    few = FeatureMachineRegressor().fit(x, y)
    assert len(few.centres_) == 150
    assert np.abs(few.predict(x) - exact.predict(x)).mean() < 0.05
    monkeypatch.setattr(feature_machine, "WORK", 300 * 300**2)  # all of them, by the other way
    same = FeatureMachineRegressor().fit(x, y)
    np.testing.assert_allclose(same.predict(x), exact.predict(x), atol=0.01)


def test_few_centres_tell_several_classes_apart(monkeypatch):
    monkeypatch.setattr(feature_machine, "EXACT", 100)
    monkeypatch.setattr(feature_machine, "WORK", 300 * 150**2)
    x, _ = table(300)
    labels = (x[:, 0] * 3).astype(int)
    assert FeatureMachineClassifier(rounds=1).fit(x, labels).score(x, labels) > 0.95


def test_what_tells_nothing_is_learned_without_harm():
    x, y = np.ones((6, 2), np.float32), np.arange(6.0)
    np.testing.assert_allclose(FeatureMachineRegressor().fit(x, y).predict(x), 2.5, atol=1e-4)
    constant = FeatureMachineRegressor().fit(np.random.default_rng(0).random((6, 2)), np.ones(6))
    np.testing.assert_allclose(constant.predict(x), 1, atol=1e-6)
    one = FeatureMachineRegressor().fit(x[:1], y[:1])
    np.testing.assert_allclose(one.predict(x), 0, atol=1e-6)


def test_a_penalty_that_rounding_would_swallow_is_refused():
    with pytest.raises(UserError, match="penalty"):
        FeatureMachineRegressor(penalty=1e-6).fit(*table(5))
