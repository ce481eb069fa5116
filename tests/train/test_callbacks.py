"""A rate that falls on a plateau, a log as CSV, the search of a rate, the history as a frame."""

import csv

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import Dense
from rosenblatt.train import SGD, Callback, Constant, CSVLog, Network, Plan, ReduceOnPlateau
from rosenblatt.train.checkpoint import Checkpoint

R = np.random.default_rng(0)
X = R.standard_normal((60, 3)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64)


def plan(*callbacks, epochs=6, rate=0.1):
    return Plan(epochs=epochs, batch_size=20, schedule=Constant(rate), callbacks=callbacks)


def network():
    return Network([Dense(2)], (3,))


class _Loss(Callback):
    """Puts losses of our own in the history, and notes the factor that follows."""

    def __init__(self, losses):
        self.losses, self.factors = losses, []

    def on_epoch(self, module, state):
        state.history[-1]["loss"] = self.losses[state.epoch - 1]

    def on_step(self, module, state):
        self.factors.append(round(state.rate, 12))


def test_the_rate_falls_where_the_loss_does_not():
    told = _Loss([1.0, 0.5, 0.5, 0.5, 0.5, 0.4, 0.4, 0.4, 0.4])
    network().fit(X, Y, plan(told, ReduceOnPlateau(0.5, 1), epochs=9))
    # Two epochs without a better one are more than patience = 1; then it counts anew.
    assert told.factors[::3] == [0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.025]


def test_it_does_not_fall_below_the_lowest():
    told = _Loss([1.0] * 9)
    network().fit(X, Y, plan(told, ReduceOnPlateau(0.1, 0, lowest=0.05), epochs=9))
    assert told.factors[-1] == 0.005


class _Stop(Callback):
    def on_epoch(self, module, state):
        if state.epoch == 4:
            raise KeyboardInterrupt


def test_a_training_goes_on_from_its_checkpoint_with_the_same_rate(tmp_path):
    def callbacks(path):
        return _Loss([1.0] * 9), ReduceOnPlateau(0.5, 1), Checkpoint(path, "key")

    whole, parts = network(), network()
    whole.fit(X, Y, plan(*callbacks(tmp_path / "whole.npz"), epochs=9))
    with pytest.raises(KeyboardInterrupt):
        parts.fit(X, Y, plan(*callbacks(tmp_path / "parts.npz"), _Stop(), epochs=9))
    parts.fit(X, Y, plan(*callbacks(tmp_path / "parts.npz"), epochs=9))
    for name, value in whole.state().items():
        np.testing.assert_array_equal(parts.state()[name], value)


def test_the_history_as_csv_and_as_a_frame(tmp_path):
    trained = network().fit(X, Y, plan(CSVLog(tmp_path / "log.csv")), validation=(X, Y))
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["loss"]) for row in rows] == [row["loss"] for row in trained.history]
    frame = trained.history_frame()
    assert list(frame["epoch"]) == [1, 2, 3, 4, 5, 6]
    assert list(frame["validation_loss"]) == [row["validation_loss"] for row in trained.history]
    with pytest.raises(UserError, match="log"):
        network().fit(X, Y, plan(CSVLog(tmp_path / "log.csv" / "x")))


def test_the_search_of_a_rate_learns_nothing_and_finds_one_that_learns():
    fresh = network()
    before = {name: value.copy() for name, value in fresh.state().items()}
    found = fresh.find_rate(X, Y, Plan(batch_size=20, optimiser=SGD()))
    for name, value in fresh.state().items():
        np.testing.assert_array_equal(value, before[name])
    assert fresh.classes is None
    assert fresh.history == []
    assert len(found.rates) == len(found.losses) <= 100
    factors = found.rates[1:] / found.rates[:-1]
    np.testing.assert_allclose(factors, (10 / 1e-6) ** (1 / 100))
    assert found.suggested == found.rates[found.losses.argmin()] / 10
    trained = network().fit(X, Y, plan(epochs=20, rate=found.suggested))
    assert trained.history[-1]["loss"] < 0.8 * trained.history[0]["loss"]
    assert "<svg" in found._repr_html_()


@pytest.mark.parametrize("more", [{"low": 1.0, "high": 0.1}, {"steps": 1}, {"low": 0.0}])
def test_a_search_that_cannot_be(more):
    with pytest.raises(UserError):
        network().find_rate(X, Y, **more)
