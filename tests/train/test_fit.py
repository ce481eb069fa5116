"""Training as a whole: it learns, it stops, it restores, and its bits do not depend on threads."""

import hashlib
from pathlib import Path

import numba
import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    ReLU,
    Tanh,
)
from rosenblatt.tape import Parameter
from rosenblatt.train import (
    SGD,
    Adam,
    Callback,
    Constant,
    Exponential,
    Network,
    Plan,
    Schedule,
    mean_squared_error,
)
from rosenblatt.train.fit import clip_scale

DIGITS = Path(__file__).parents[2] / "data" / "digits"
XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)


def digits(count):
    pixels = np.loadtxt(DIGITS / "Xtr.csv", delimiter=",", max_rows=count, dtype=np.float32)
    labels = np.loadtxt(DIGITS / "Ytr.csv", delimiter=",", skiprows=1, max_rows=count, dtype=int)
    return pixels.reshape(-1, 8, 8, 1) / 16, labels[:, 1]


def small_network(seed=0):
    layers = [
        Convolution(8, 3, padding="same"),
        BatchNormalisation(),
        ReLU(),
        MaxPooling(2),
        Flatten(),
        Dropout(0.25),
        Dense(24, "relu"),
        Dense(10),
    ]
    return Network(layers, (8, 8, 1), seed=seed)


def blobs(count=60, seed=0):
    """Return points around (-1, -1) and (1, 1), and which."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    return (2 * labels[:, None] - 1 + rng.random((count, 2)) - 0.5).astype(np.float32), labels


def test_learns_xor():
    network = Network([Dense(8), Tanh(), Dense(2)], (2,), classes=["same", "different"])
    labels = np.array(["same", "different", "different", "same"])
    plan = Plan(epochs=200, batch_size=4, optimiser=Adam(), schedule=Constant(0.05))
    assert network.fit(XOR, labels, plan).score(XOR, labels) == 1
    assert (network.predict(XOR) == labels).all()
    np.testing.assert_allclose(network.predict_proba(XOR).sum(1), 1, rtol=1e-6)


def test_learns_handwriting():
    x, y = digits(1000)
    network = small_network()
    network.fit(x[:800], y[:800], Plan(epochs=8, batch_size=32), (x[800:], y[800:]))
    assert network.score(x[800:], y[800:]) > 0.94  # a nearest neighbour is right in 0.96
    assert [row["epoch"] for row in network.history] == list(range(1, 9))
    assert network.history[-1]["loss"] < network.history[0]["loss"]


def test_learns_a_line():
    x = np.linspace(-1, 1, 32, dtype=np.float32)[:, None]
    plan = Plan(
        epochs=60, batch_size=8, schedule=Constant(0.05), loss=mean_squared_error, metric=None
    )
    network = Network([Dense(1)], (1,)).fit(x, 3 * x[:, 0] - 1, plan)
    np.testing.assert_allclose(network.layers.layers[0].weight.value, 3, atol=1e-3)
    np.testing.assert_allclose(network.layers.layers[0].bias.value, -1, atol=1e-3)
    assert "metric" not in network.history[0]


def digest(threads):
    x, y = digits(150)
    before = numba.get_num_threads()
    numba.set_num_threads(threads)
    try:
        network = small_network()
        plan = Plan(epochs=2, batch_size=32, clip_norm=1.0, average=Exponential(0.9), seed=5)
        network.fit(x, y, plan, (x[:50], y[:50]))
        arrays = [*network.state().values(), network.predict_proba(x)]
        history = [(row["loss"], row["validation_loss"]) for row in network.history]
    finally:
        numba.set_num_threads(before)
    return hashlib.sha256(b"".join(map(bytes, arrays)) + repr(history).encode()).hexdigest()


def test_the_same_seed_gives_the_same_bits_whatever_the_threads():
    first = digest(1)
    assert digest(1) == first
    if numba.config.NUMBA_NUM_THREADS > 1:
        assert digest(2) == first


class Jump(Schedule):
    """A rate that ruins the weights from the given share of the training on."""

    def __init__(self, share):
        self.share = share

    def __call__(self, progress):
        return 0.1 if progress < self.share else 30.0


def test_the_best_weights_are_restored_and_patience_ends():
    x, y = blobs()
    network = Network([Dense(2)], (2,))
    plan = Plan(
        epochs=50, batch_size=10, optimiser=SGD(0.0), schedule=Jump(0.1), patience=3, clip_norm=9.0
    )
    noisy = np.random.default_rng(3).integers(0, 2, len(y))
    network.fit(x, np.where(np.arange(len(y)) < 50, y, noisy), plan, (x, y))
    scores = [(row["validation_metric"], -row["validation_loss"]) for row in network.history]
    best = scores.index(max(scores))
    assert len(scores) == best + 1 + 3 < 50
    assert network.score(x, y) == max(scores)[0]


def test_weight_averaging_keeps_a_running_mean():
    """Checked against the definition, with the trained weights of every step."""

    class Steps(Callback):
        def __init__(self):
            self.mean = None

        def on_start(self, network, state):
            self.mean = network.state()["layers.0.weight"].copy()

        def on_step(self, network, state):
            weight = network.state()["layers.0.weight"]
            decay = min(0.5, (1 + state.step) / (10 + state.step))
            self.mean = decay * self.mean + (1 - decay) * weight

    x, y = blobs()
    steps = Steps()
    network = Network([Dense(2)], (2,))
    network.fit(x, y, Plan(epochs=3, batch_size=16, average=Exponential(0.5), callbacks=(steps,)))
    weight = network.state()["layers.0.weight"]
    np.testing.assert_allclose(weight, steps.mean, rtol=1e-3, atol=1e-5)


def test_callbacks_hear_of_everything_and_can_stop():
    class Listener(Callback):
        def __init__(self):
            self.heard = []

        def on_start(self, network, state):
            self.heard.append("start")

        def on_step(self, network, state):
            self.heard.append("step")

        def on_epoch(self, network, state):
            self.heard.append("epoch")
            state.stop = state.epoch == 2

        def on_end(self, network, state):
            self.heard.append("end")

    listener = Listener()
    Network([Dense(2)], (2,)).fit(*blobs(20), Plan(epochs=9, batch_size=10, callbacks=(listener,)))
    assert listener.heard == ["start", *["step", "step", "epoch"] * 2, "end"]


def test_a_callback_can_stop_within_an_epoch():
    class Once(Callback):
        def on_step(self, network, state):
            state.stop = True

    network = Network([Dense(2)], (2,)).fit(
        *blobs(20), Plan(epochs=9, batch_size=5, callbacks=(Once(),))
    )
    assert [row["step"] for row in network.history] == [1]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_no_numbers_are_refused(bad):
    x, y = blobs()
    x[7, 0] = bad
    with pytest.raises(UserError, match="row 8 of the inputs has a number that is missing"):
        Network([Dense(2)], (2,)).fit(x, y, Plan(epochs=2, batch_size=8))


def test_clipping_brings_the_norm_of_all_gradients_down_to_the_bound():
    parameters = {str(i): Parameter(np.zeros(2), str(i)) for i in range(3)}
    parameters["0"].gradient = np.array([3.0, 0.0])
    parameters["1"].gradient = np.array([0.0, -4.0])
    assert clip_scale(parameters, 1.0) == 1 / 5
    assert clip_scale(parameters, 5.0) == clip_scale(parameters, 7.0) == 1.0


def test_augmentation_sees_each_batch_with_seed_and_step():
    seen = []

    def augment(images, seed, step, *, out):
        seen.append((len(images), seed, step))
        np.negative(images, out=out)
        return out

    x, y = blobs(25)
    network = Network([Dense(2)], (2,))
    network.fit(x, y, Plan(epochs=2, batch_size=10, augment=augment, seed=4))
    assert seen == [(10, 4, 0), (10, 4, 1), (5, 4, 2), (10, 4, 3), (10, 4, 4), (5, 4, 5)]
    assert network.score(-x, y) == 1
    np.testing.assert_array_equal(x, blobs(25)[0])


def test_every_sample_is_seen_once_an_epoch_in_an_order_of_the_seed():
    orders = []

    class Order(Callback):
        def on_start(self, network, state):
            orders.append([])

    def augment(images, seed, step, *, out):
        orders[-1] += images[:, 0].tolist()
        return images

    x = np.arange(12, dtype=np.float32)[:, None]
    for seed in (0, 0, 1):
        plan = Plan(epochs=2, batch_size=5, augment=augment, seed=seed, callbacks=(Order(),))
        Network([Dense(2)], (1,)).fit(x, np.zeros(12, int), plan)
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0][:12]) == sorted(orders[0][12:]) == list(range(12))
    assert orders[0][:12] != orders[0][12:]


def test_no_samples_or_too_few_targets_are_refused():
    network = Network([Dense(2)], (2,))
    with pytest.raises(UserError, match="no row to learn from"):
        network.fit(np.zeros((0, 2), np.float32), np.zeros(0, int))
    with pytest.raises(UserError, match=r"labels of shape \(2,\) for 3 rows"):
        network.fit(np.zeros((3, 2), np.float32), np.zeros(2, int))


@pytest.mark.parametrize("settings", [{"epochs": 0}, {"batch_size": -1}])
def test_a_plan_out_of_range_is_refused(settings):
    with pytest.raises(UserError, match=next(iter(settings))):
        Plan(**settings)


def test_a_label_above_the_outputs_is_refused():
    with pytest.raises(UserError, match=r"labels of 3 classes .* for a network of 2 outputs"):
        Network([Dense(2)], (2,)).fit(blobs()[0], np.arange(60) % 3)
