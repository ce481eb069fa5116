"""Means of weights, and snapshots of them, against what a listener wrote down."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import BatchNormalisation, Dense
from rosenblatt.train import (
    Callback,
    Constant,
    Cosine,
    Cycles,
    Exponential,
    Network,
    Plan,
    Snapshots,
    Stochastic,
)
from rosenblatt.train.checkpoint import Checkpoint


class Diary(Callback):
    """Keeps the weights at the end of each epoch."""

    def __init__(self):
        self.weights = []

    def on_epoch(self, network, state):
        self.weights.append({name: value.copy() for name, value in network.state().items()})


def data():
    rng = np.random.default_rng(0)
    return rng.random((50, 3), np.float32) * 4, rng.integers(0, 2, 50)


def train(plan):
    layers = [Dense(4), BatchNormalisation(), Dense(2)]
    return Network(layers, (3,)).fit(*data(), plan)


def test_the_mean_of_the_last_epochs():
    diary = Diary()
    network = train(Plan(epochs=8, batch_size=16, average=Stochastic(0.5), callbacks=(diary,)))
    expected = np.mean([weights["layers.0.weight"] for weights in diary.weights[4:]], 0)
    np.testing.assert_allclose(network.state()["layers.0.weight"], expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("average", [Stochastic(0.99), Exponential(0.9)])
def test_statistics_are_those_of_the_averaged_weights(average):
    network = train(Plan(epochs=3, batch_size=16, average=average))
    state, (x, _) = network.state(), data()
    seen = x @ state["layers.0.weight"] + state["layers.0.bias"]
    np.testing.assert_allclose(state["layers.1.running_mean"], seen.mean(0), rtol=1e-4)
    assert network.layers.layers[1].momentum == 0.1


def test_statistics_are_the_same_whatever_the_order_of_the_samples():
    """The spread is that over all samples, though each batch of a sorted file holds one class."""
    x, labels = data()
    x = x + 5 * labels[:, None].astype(x.dtype)
    order = np.argsort(labels, kind="stable")
    network = Network([Dense(4), BatchNormalisation(), Dense(3)], x.shape[1:])
    network.fit(x[order], labels[order], Plan(epochs=3, batch_size=16, average=Exponential(0.9)))
    state = network.state()
    seen = x @ state["layers.0.weight"] + state["layers.0.bias"]
    np.testing.assert_allclose(state["layers.1.running_variance"], seen.var(0), rtol=0.25)


def test_snapshots_are_taken_at_the_end_of_each_cycle(tmp_path):
    diary, snapshots = Diary(), Snapshots(3)
    checkpoint = Checkpoint(tmp_path / "c.npz", "key")
    callbacks = (diary, snapshots, checkpoint)
    train(Plan(epochs=6, batch_size=16, callbacks=callbacks))
    assert len(snapshots.kept) == 3
    for kept, epoch in zip(snapshots.kept, (1, 3, 5), strict=True):
        for name, value in diary.weights[epoch].items():
            assert np.array_equal(kept[name], value)
    again = Snapshots(3)
    train(Plan(epochs=6, batch_size=16, callbacks=(again, checkpoint)))  # nothing left to train
    for kept, restored in zip(snapshots.kept, again.kept, strict=True):
        assert all(np.array_equal(kept[name], restored[name]) for name in kept)


def test_cycles_begin_anew():
    schedule = Cycles(Cosine(1.0), 2)
    assert [schedule(p) for p in (0, 0.25, 0.5, 0.75)] == pytest.approx([1, 0.5, 1, 0.5])
    assert Cycles(Constant(0.3), 4)(0.9) == 0.3


@pytest.mark.parametrize(("kind", "value"), [(Exponential, 1.0), (Stochastic, -0.1)])
def test_impossible_settings_are_refused(kind, value):
    with pytest.raises(UserError, match=r"decay|start"):
        kind(value)
