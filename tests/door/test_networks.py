"""Every public entry of layers, train and models refuses what it cannot use.

The short form, in this suite: what stands in no argument's place is refused before any compiled
loop, and every setting outside of its range; some are tried in full with Numba's bounds check
on. The long form tries all of them in full:

    NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=DIR python -m tests.door.networks
"""

import inspect
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import layers, train
from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.layers import BatchNormalisation, Convolution, Dense, Layer, LeakyReLU, ReLU
from rosenblatt.metrics import find_metric
from rosenblatt.models.fully_convolutional import FullyConvolutional
from rosenblatt.models.language import LanguageModel
from rosenblatt.models.translator import AttentionTranslator, Decoder, Encoder
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Adam, Network, Plan, mean_squared_error
from rosenblatt.train.losses import padded_cross_entropy
from tests.door.faults import _wrong
from tests.door.networks import MADE, doors, exported
from tests.door.values import outside, verdict

ROOT = Path(__file__).parents[2]
BOUNDS = ("layers:AveragePooling", "train:cross_entropy")
WITH_SETTINGS = [
    getattr(package, name)
    for package in (layers, train)
    for name in package.__all__
    if inspect.isclass(getattr(package, name)) and getattr(getattr(package, name), "settings", None)
]
WORDS = {"symbols": 5, "embedding": 2, "units": 3}
EXAMPLES = {
    Encoder: WORDS,
    Decoder: WORDS,
    AttentionTranslator: WORDS | {"symbols": (5, 6)},
    LanguageModel: WORDS,
    FullyConvolutional: {"classes": 3, "widths": [2] * 5},
    train.WarmUp: {"schedule": train.Constant(0.1)},
    train.Cycles: {"schedule": train.Constant(0.1)},
    train.Snapshots: {"count": 2},
}
MODELS = (Encoder, Decoder, AttentionTranslator, LanguageModel, FullyConvolutional)


@pytest.fixture(scope="module")
def known():
    return doors()


def test_every_public_entry_is_tried(known):
    names = set(exported())
    assert names - set(known) - MADE == set()
    assert MADE - names == set()


@pytest.mark.parametrize("name", sorted(set(exported()) - MADE))
def test_what_stands_in_no_place_is_refused(known, name):
    faults = []
    for door in known[name]:
        for key, value in door.arguments.items():
            for what, wrong in _wrong(value):
                call = partial(door.call, **door.arguments | {key: wrong})
                fault = verdict(call, must=key not in door.loose)
                faults += [f"{key} = {what} {fault}"] if fault else []
    assert not faults


@pytest.mark.parametrize("make", [*WITH_SETTINGS, *MODELS], ids=lambda make: make.__name__)
def test_every_setting_has_a_range_and_keeps_it(make):
    base = EXAMPLES.get(make) or (make.examples[0][0] if issubclass(make, Layer) else {})
    if list(inspect.signature(make).parameters) != ["args", "kwargs"]:
        assert set(inspect.signature(make).parameters) == set(make.settings)
    for name, wanted in make.settings.items():
        for value in outside(wanted):
            with pytest.raises(UserError, match=name):
                make(**base | {name: value})


def test_some_entries_in_full_with_the_bounds_check_on():
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1", "PYTHONPATH": str(ROOT / "src")}
    environment["NUMBA_CACHE_DIR"] += "-bounds"  # kept, for compiling takes half a minute
    command = [sys.executable, "-m", "tests.door.networks", *BOUNDS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


X = np.random.default_rng(0).normal(0, 1, (200, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


@pytest.mark.parametrize(
    "labels",
    [2 * Y - 1, np.where(Y, 1, -5), Y + 0.0, Y > 0, Y[:, None], np.where(Y, "yes", "no"),
     np.where(Y, "yes", "no").astype(object), list(map(int, Y + 7))],
    ids=["signs", "-5 and 1", "reals", "truth", "column", "text", "objects", "list"],
)  # fmt: skip
def test_labels_of_any_kind_are_learned_and_answered(labels, tmp_path):
    network = Network([Dense(16, "relu"), Dense(2)], (4,))
    network.fit(X, labels, Plan(epochs=20))
    wanted = np.asarray(labels).reshape(-1)
    assert network.score(X, labels) > 0.95
    assert set(network.predict(X).tolist()) == set(wanted.tolist())
    network.save(tmp_path / "n.npz")
    again = Network.load(tmp_path / "n.npz")
    np.testing.assert_array_equal(again.predict(X), network.predict(X))
    assert again.classes_.tolist() == sorted(set(wanted.tolist()))


@pytest.mark.parametrize(
    "labels", [Y + 0.5, np.where(X[:, 1] > 2, np.nan, Y), Y[:-1], np.arange(200)]
)
def test_labels_that_are_none_are_refused(labels):
    with pytest.raises(UserError, match="label"):
        Network([Dense(2)], (4,)).fit(X, labels)


def test_a_network_of_values_answers_values(tmp_path):
    plan = Plan(epochs=40, loss=mean_squared_error, optimiser=Adam())
    for y in (X[:, 0], X[:, :1]):
        network = Network([Dense(1)], (4,)).fit(X, y, plan)
        assert network.predict(X).shape == y.shape
        spread = ((y - y.mean()) ** 2).sum()
        r2 = 1 - ((network.predict(X) - y) ** 2).sum() / spread
        assert network.score(X, y) == pytest.approx(r2, rel=1e-4)
        network.save(tmp_path / "n.npz")
        np.testing.assert_array_equal(
            Network.load(tmp_path / "n.npz").predict(X), network.predict(X)
        )
    with pytest.raises(UserError, match="not defined"):
        network.score(X, np.ones(200))


def test_a_second_fit_goes_on():
    network = Network([Dense(2)], (4,)).fit(X, Y, Plan(epochs=2))
    network.fit(X, Y, Plan(epochs=3))
    assert [row["epoch"] for row in network.history] == [1, 2, 3, 4, 5]
    assert [row["step"] for row in network.history] == [4, 8, 12, 16, 20]


def test_a_forgotten_flatten_and_large_inputs_are_named():
    images = np.zeros((6, 8, 8, 1), np.float32)
    with pytest.raises(UserError, match="Flatten"):
        Network([Convolution(2, 3), Dense(3)], (8, 8, 1)).fit(images, np.arange(6) % 3)
    with pytest.raises(UserError, match=r"inputs reach .* order one"):
        Network([Dense(8, "relu"), Dense(2)], (4,)).fit(X * np.float32(1e30), Y)
    with pytest.raises(UserError, match=r"row 1 .* reach"):
        Network([Dense(2)], (4,), classes=[0, 1]).predict(np.full((1, 4), 3e38))
    with pytest.raises(UserError, match="patience"):
        Network([Dense(2)], (4,)).fit(X, Y, Plan(patience=2))
    with pytest.raises(UserError, match="worst epoch"):
        Plan(metric=find_metric("rmse"))


def test_a_row_alone_has_no_variance():
    network = Network([Dense(8), BatchNormalisation(), ReLU(), Dense(2)], (4,))
    with pytest.raises(UserError, match="at least two rows"):
        network.fit(X, Y, Plan(batch_size=1))
    network = Network([BatchNormalisation(), Dense(2)], (4,))
    network.fit(X[:33], Y[:33], Plan(epochs=50, batch_size=32))
    variance = network.state()["layers.0.running_variance"]
    np.testing.assert_allclose(variance, X[:33].var(0, ddof=1), rtol=0.02)


def test_attention_of_nothing_is_nothing():
    layer, r = layers.Attention(), np.random.default_rng(0)
    layer.build(((3,), (4, 3), (4, 2)), r)
    inputs = [r.normal(size=s).astype(np.float32) for s in ((2, 3), (2, 4, 3), (2, 4, 2))]
    mask = np.array([[1, 1, 1, 1], [0, 0, 0, 0]], bool)
    output, cache = layer.forward(*inputs, mask, train=True)
    gradients = layer.backward(np.ones_like(output), cache, (True,) * 4)
    score = layer.score.gradient
    assert not output[1].any()
    assert not any(gradient[1].any() for gradient in gradients[:3])
    layer.score.gradient = None
    alone, cache = layer.forward(*(x[:1] for x in inputs), mask[:1], train=True)
    layer.backward(np.ones_like(alone), cache, (True,) * 4)
    np.testing.assert_array_equal(output[0], alone[0])
    np.testing.assert_allclose(score, layer.score.gradient, rtol=1e-6)


def test_a_layer_of_ones_own_must_be_imported_before_loading(tmp_path):
    class Own(LeakyReLU):
        pass

    Network([Dense(2), Own()], (4,)).save(tmp_path / "own.npz")
    layers.base.MODULES.pop("Own")
    with pytest.raises(UserError, match="import the module that defines it"):
        Network.load(tmp_path / "own.npz")


@pytest.mark.skipif(os.name == "nt", reason="has no such pipes")
@pytest.mark.parametrize("place", ["pipe", "/dev/zero"])
def test_a_pipe_or_an_endless_device_is_no_network(tmp_path, place):
    path = Path(place) if place.startswith("/") else tmp_path / place
    if place == "pipe":
        os.mkfifo(path)
    with pytest.raises(UserError, match="device or a pipe"):
        Network.load(path)


@pytest.mark.parametrize(
    "wrong", [np.ones((4, 3)), np.ones((3, 2)), np.ones(2), None, 3, "x", [[1j, 1j]] * 4]
)
def test_backward_by_hand_wants_the_gradient_of_the_output(wrong):
    layer = layers.Dense(2)
    layer.build((4,), np.random.default_rng(0))
    output, cache = layer.forward(X[:4], train=True)
    with pytest.raises(UserError):
        layer.backward(wrong, cache, (True,))
    with pytest.raises(UserError, match="cache that forward"):
        layer.backward(output, cache.kept, (True,))
    with pytest.raises(UserError, match="each input"):
        layer.backward(output, cache, ())


def test_a_gradient_in_another_dress_is_the_same_gradient():
    def slope(dress):
        layer = layers.Dense(2)
        layer.build((4,), np.random.default_rng(0))
        with Tape() as tape:
            x = Variable(X[:4], True)
            output = layer(x)
            tape.backward(output, dress(np.ones_like(output.value)))
            return x.gradient.copy()

    expected = slope(lambda g: g)
    for dress in (np.float64, np.asfortranarray, np.ndarray.tolist):
        np.testing.assert_array_equal(slope(dress), expected)


def test_a_layer_looks_again_where_the_form_of_a_call_changes():
    layer = layers.Dense(2)
    layer.build((4,), np.random.default_rng(0))
    expected = layer(X[:4])
    for wrong in (X[:4, :3], np.ones((0, 4), np.float32), X[0]):
        with pytest.raises(UserError):
            layer(wrong)
        np.testing.assert_array_equal(layer(X[:4]), expected)
    assert layer(X[:4].astype(np.float64)).dtype == np.float32
    layer.cast(np.float64)
    assert layer(X[:4]).dtype == np.float64


def test_what_augment_forgot_to_return_is_named():
    plan = Plan(epochs=1, augment=lambda images, seed, step, out: None)
    with pytest.raises(UserError, match="augment must return"):
        Network([Dense(2)], (4,)).fit(X, Y, plan)


def test_score_takes_the_labels_that_fit_takes():
    network = Network([Dense(2)], (4,)).fit(X, np.eye(2)[Y], Plan(epochs=1))
    assert network.score(X, np.eye(2)[Y]) == network.score(X, Y)


def test_steps_without_a_label_do_not_count():
    symbols = np.random.default_rng(0).integers(0, 5, (12, 6))
    weights = np.eye(2)[symbols % 2]
    weights[symbols == 4] = 0
    network = Network([layers.Embedding(5, 3), layers.LSTM(4), Dense(2)], (6,))
    network.fit(symbols, weights, Plan(epochs=2))
    counted = symbols != 4
    right = (network.predict(symbols) == symbols % 2)[counted].mean()
    assert network.score(symbols, weights) == pytest.approx(right)


def test_a_label_to_be_ignored_is_not_taken_for_a_place_among_the_classes():
    for loss in (padded_cross_entropy, partial(padded_cross_entropy, label_smoothing=0.1)):
        with pytest.raises(UserError, match="zeros where nothing counts"):
            Network([Dense(3)], (4,)).fit(X, Y - (X[:, 1] > 0), Plan(epochs=1, loss=loss))


@pytest.mark.parametrize("seed", ["x", -5, 1.5, [1]])
def test_a_saved_network_of_a_wrong_seed_is_refused(tmp_path, seed):
    Network([Dense(2)], (4,)).save(tmp_path / "n.npz")
    description, arrays = read_archive(tmp_path / "n.npz")
    description["module"]["seed"] = seed
    write_archive(tmp_path / "n.npz", description, arrays)
    with pytest.raises(UserError, match="seed"):
        Network.load(tmp_path / "n.npz")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unitz": 3}, r"layer Dense: unknown setting 'unitz'; did you mean units\?"),
        ({"units": None}, r"layer Dense: units = None: it must be"),
        ({"activation": "tanhh"}, r"layer Dense: activation = 'tanhh': it must be"),
    ],
)
def test_a_setting_of_a_saved_layer_is_named_as_in_a_recipe(tmp_path, change, message):
    Network([Dense(2)], (4,)).save(tmp_path / "n.npz")
    description, arrays = read_archive(tmp_path / "n.npz")
    description["module"]["layers"]["layers"][0] |= change
    write_archive(tmp_path / "n.npz", description, arrays)
    with pytest.raises(UserError, match=message):
        Network.load(tmp_path / "n.npz")
    for name in {"units", *change}:
        del description["module"]["layers"]["layers"][0][name]
    write_archive(tmp_path / "n.npz", description, arrays)
    with pytest.raises(UserError, match=r"n\.npz.*layer Dense: its units is missing"):
        Network.load(tmp_path / "n.npz")


def test_no_path_is_said_to_be_none():
    with pytest.raises(UserError, match="is not a path"):
        Network([Dense(2)], (4,)).save(5)
