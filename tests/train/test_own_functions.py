"""Losses, metrics and schedules of a user's own: what they give is checked where it is given."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import Dense, Tanh
from rosenblatt.train import Network, Plan, mean_squared_error

X = np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


def fitted(**settings):
    network = Network([Dense(8, "relu"), Dense(2)], (4,), answers="values")
    settings.setdefault("loss", mean_squared_error)
    return network.fit(X, np.eye(2)[Y], Plan(epochs=2, **settings))


def test_a_gradient_in_float64_is_rounded_to_the_networks_type():
    def squares(outputs, targets):
        """Return what mean_squared_error does, in float64: half the square of each gap."""
        value, gradient = mean_squared_error(outputs, targets)
        return np.float64(value), gradient.astype(np.float64)

    ours, theirs = (fitted(loss=loss).outputs(X) for loss in (mean_squared_error, squares))
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"loss": lambda outputs, targets: None}, "it gave None"),
        ({"loss": lambda outputs, targets: 1.0}, "it gave 1.0"),
        ({"loss": lambda outputs, targets: ("1", outputs)}, "a number and its gradient"),
        ({"loss": lambda outputs, targets: (1.0, outputs[:1])}, "a number and its gradient"),
        ({"metric": lambda outputs, targets: None}, "the metric gave None"),
        ({"metric": lambda outputs, targets: np.nan}, "the metric gave nan"),
        ({"metric": lambda outputs, targets: "good"}, "the metric gave good"),
        ({"schedule": lambda progress: None}, "rate of None"),
        ({"schedule": lambda progress: "fast"}, "rate of 'fast'"),
    ],
)
def test_what_is_no_number_is_named(settings, words):
    with pytest.raises(UserError, match=words):
        fitted(**settings)


@pytest.mark.parametrize("weight", [1e300, np.inf, 1e-300])
def test_weights_of_classes_that_float32_does_not_hold_are_refused(weight):
    with pytest.raises(UserError, match="weights of classes"):
        Network([Dense(2)], (4,)).fit(X, np.where(np.eye(2)[Y], weight, 0), Plan(epochs=1))


def test_a_refused_fit_teaches_no_classes():
    network = Network([Dense(2)], (4,))
    with pytest.raises(UserError, match="not one of the network's classes"):
        network.fit(X, Y, Plan(epochs=1), validation=(X, Y + 7))
    assert network.classes_ is None
    assert network.answers is None
    named = np.where(Y, "b", "a")
    assert set(network.fit(X, named, Plan(epochs=1)).predict(X)) <= {"a", "b"}


@pytest.mark.parametrize("first", [2**63, -(2**60), 1e20])
def test_numbers_that_merge_with_their_neighbours_are_no_labels(first):
    with pytest.raises(UserError, match="give them as texts"):
        Network([Dense(2)], (4,)).fit(X, [first, *Y[1:].tolist()], Plan(epochs=1))


def test_a_loss_may_write_into_the_outputs_that_it_is_given():
    def squares(outputs, targets):
        value, gradient = mean_squared_error(outputs, targets)
        outputs -= targets
        return value, gradient

    found = []
    for loss in (mean_squared_error, squares):
        layers = [Dense(8, "relu"), Dense(2), Tanh()]  # whose backward reads its output
        network = Network(layers, (4,), answers="values")
        network.fit(X, np.eye(2)[Y], Plan(epochs=3, loss=loss))
        found.append(network.outputs(X))
    np.testing.assert_array_equal(*found)


def test_a_metric_may_ask_this_network_and_another():
    network, other = (Network([Dense(8, "relu"), Dense(2)], (4,)) for _ in range(2))
    other.fit(X, Y, Plan(epochs=1))
    seen = []

    def metric(outputs, targets):
        seen.append((network.score(X, Y), other.predict_proba(X)[0, 0]))
        return seen[-1][0]

    plain = Network([Dense(8, "relu"), Dense(2)], (4,)).fit(X, Y, Plan(epochs=2, batch_size=7))
    network.fit(X, Y, Plan(epochs=2, batch_size=7, metric=metric))
    np.testing.assert_array_equal(network.outputs(X), plain.outputs(X))
    assert len({share for _, share in seen}) == 1
