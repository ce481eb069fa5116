"""Steps that run again as captured: the same bits as without, and only where that is sure."""

import numpy as np
import pytest

from rosenblatt import layers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.layers import Convolution, Dense, Dropout, Layer, Module, Scale, Sequential
from rosenblatt.layers.gradients import ROWS, example
from rosenblatt.tape import Arena, Tape
from rosenblatt.train import SGD, Adam, Callback, Constant, Network, OneCycle, Plan
from rosenblatt.train.batches import Batch
from rosenblatt.train.fit import train_step
from rosenblatt.train.losses import cross_entropy, mean_squared_error
from rosenblatt.train.plan import State
from rosenblatt.train.replay import SMALL, Passes

pytestmark = pytest.mark.skipif(JIT_DISABLED, reason="no kernel is compiled: nothing to capture")
REPLAYING = [
    value
    for value in vars(layers).values()
    if isinstance(value, type) and issubclass(value, Layer) and vars(value).get("replays")
]
RELU = {"activation": "relu"}
METHODS = [  # of convolution: those for which a shape of the examples is too small, or another
    ({"filters": 32, "kernel_size": 3, "padding": "same", **RELU}, (12, 12, 32)),  # Winograd's
    ({"filters": 64, "kernel_size": 3, "padding": "same", "pooling": 2, **RELU}, (12, 12, 64)),
    ({"filters": 32, "kernel_size": 5, "pooling": 2}, (14, 14, 32)),
    ({"filters": 6, "kernel_size": 5, "pooling": 2, **RELU}, (14, 14, 1)),  # of grey images
    ({"filters": 12, "kernel_size": 5, "pooling": 2, **RELU}, (12, 12, 6)),
    ({"filters": 16, "kernel_size": 5, "pooling": 2}, (12, 12, 6)),
    ({"filters": 3, "kernel_size": 3, "pooling": 3}, (7, 7, 2)),
    ({"filters": 4, "kernel_size": 3, "pooling": 2, "groups": 2, **RELU}, (6, 6, 4)),
    ({"filters": 8, "kernel_size": 2, "stride": 3}, (7, 7, 4)),  # pixels that no window covers
    ({"filters": 4, "kernel_size": 2, "stride": 3, "groups": 4, **RELU}, (7, 7, 4)),
    ({"filters": 8, "kernel_size": 3, "stride": 2, "groups": 4, **RELU}, (7, 6, 4)),
]
CASES = [
    pytest.param(cls, settings, shape, id=f"{cls.__name__}-{number}")
    for cls in REPLAYING
    for number, (settings, shape) in enumerate(
        [*cls.examples, *(METHODS if cls is Convolution else [])]
    )
]


class Behind(Module):
    """A layer behind weights, so that it has a gradient to give back."""

    replays = True

    def __init__(self, layer, inputs):
        self.layer = layer
        self.scales = [Scale() for _ in range(inputs)]

    def __call__(self, *inputs):
        return self.layer(*(scale(x) for scale, x in zip(self.scales, inputs, strict=True)))


def step(passes, inputs, number, arena):
    """Return outputs and gradients of a step, copied, and forget the gradients."""
    module, rng = passes.module, np.random.default_rng(100 + number)
    with Tape(train=True, arena=arena, step=number, seed=7) as tape:
        output, backward = passes.forward(tape, inputs)
        backward(rng.normal(size=output.shape).astype(output.dtype))
        found = [output.copy(), *(p.gradient.copy() for p in module.parameters().values())]
    for parameter in module.parameters().values():
        parameter.gradient = None
    return found


def assert_same(actual, expected):
    for one, other in zip(actual, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("cls", "settings", "shape"), CASES)
def test_replay_gives_the_bits_of_a_step(cls, settings, shape, dtype, monkeypatch):
    layer, inputs = example(cls, settings, shape, dtype)
    module = Behind(layer, len(inputs))
    for scale, x in zip(module.scales, inputs, strict=True):
        scale.build(x.shape[1:], None)
    module.cast(dtype)
    start = {name: array.copy() for name, array in module.state().items()}
    rng = np.random.default_rng(3)
    batches = [[rng.normal(size=x.shape).astype(dtype) for x in inputs] for _ in range(5)]
    plain = Passes(module, replaying=False)
    arena = Arena()
    expected = [step(plain, batch, k, Arena()) for k, batch in enumerate(batches)]
    states = {name: array.copy() for name, array in module.state().items()}
    module.load_state(start)
    passes = Passes(module)
    for number in range(3):
        assert_same(step(passes, batches[number], number, arena), expected[number])
    monkeypatch.setattr(cls, "forward", None)  # nothing of the layer runs any more
    monkeypatch.setattr(cls, "backward", None)
    for number in range(3, 5):
        assert_same(step(passes, batches[number], number, arena), expected[number])
    for name, array in module.state().items():
        np.testing.assert_array_equal(array, states[name])


class Counting(Dense):
    """A subclass, which says nothing of itself: it counts how often it is called."""

    calls = 0

    def forward(self, x, *, train):
        Counting.calls += 1
        return Dense.forward.__wrapped__(self, x, train=train)


class Watching(Callback):
    def on_step(self, module, state):
        pass


def trained(network, **settings):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(70, 6)).astype(np.float32)  # the last batch is smaller
    plan = Plan(**{"epochs": 3, "batch_size": 16, "schedule": OneCycle(0.05), **settings})
    return network.fit(x, (x[:, 0] > 0).astype(int), plan)


def small(*between):
    layers = [Dense(9, "relu"), Dropout(0.3), *between, Dense(2)]
    return Network(layers, (6,), seed=2, answers="labels")


def weights(network):
    return [array.copy() for array in network.state().values()]


def calls(monkeypatch):
    """Return a list that a call of Dense.forward makes longer."""
    seen, forward = [], Dense.forward
    monkeypatch.setattr(
        Dense, "forward", lambda *args, **named: seen.append(0) or forward(*args, **named)
    )
    return seen


@pytest.mark.parametrize("optimiser", [SGD(), Adam(weight_decay=0.1)])
def test_a_training_is_the_same_with_and_without(optimiser, monkeypatch):
    seen = calls(monkeypatch)
    replayed = weights(trained(small(), optimiser=optimiser))
    count = len(seen)
    plain = weights(trained(small(), optimiser=optimiser, callbacks=(Watching(),)))
    assert_same(replayed, plain)
    assert len(seen) - count == 2 * 5 * 3  # layers, batches, epochs
    # The first step, and each size's first and second (which is checked), are run in full.
    assert count == 2 * 5


def own_loss(outputs, targets):
    return cross_entropy(outputs, targets)


def patched():
    callback = Callback()
    callback.on_step = lambda module, state: None
    return callback


@pytest.mark.parametrize(
    "changed",
    [
        {"callbacks": (Watching(),)},
        {"callbacks": (patched(),)},
        {"optimiser": type("Own", (SGD,), {})()},
        {"loss": own_loss},
        {"metric": lambda outputs, targets: 0.0},
        {"schedule": lambda progress: 0.05},
        {"mixup": lambda batch, seed, step: batch},
    ],
)
def test_nothing_is_replayed_where_others_look_on(changed, monkeypatch):
    seen = calls(monkeypatch)
    trained(small(), **changed)
    assert len(seen) == 2 * 5 * 3


def test_a_subclass_is_not_replayed_unless_it_says_so():
    Counting.calls = 0
    trained(small(Counting(4)))
    assert Counting.calls == 5 * 3


class Forgetful(Layer):
    """y = 2 x, by more than kernels although it says otherwise."""

    replays = True

    def forward(self, x, *, train):
        return x * 2, None

    def backward(self, d_output, cache, needs):
        return (d_output * 2,)


def test_a_layer_that_says_so_wrongly_is_found_out():
    with pytest.raises(UserError, match=r"Dense, Dropout, Forgetful, .* `replays`"):
        trained(small(Forgetful()))


def test_an_instance_whose_forward_was_replaced_is_not_replayed():
    network, seen = small(), []
    layer = network.layers.layers[0]
    forward = layer.forward
    layer.forward = lambda x, *, train: seen.append(0) or forward(x, train=train)
    trained(network)
    assert len(seen) == 5 * 3


def test_a_large_step_is_not_kept_twice(monkeypatch):
    monkeypatch.setattr("rosenblatt.train.replay.SMALL", 100)
    assert SMALL > 100
    seen = calls(monkeypatch)
    trained(small())
    assert len(seen) == 2 * 5 * 3


def passes_of_one():
    module = Sequential([Dense(3)])
    module.build((4,), np.random.default_rng(0))
    x = np.random.default_rng(1).normal(size=(ROWS, 4)).astype(np.float32)
    return module, Passes(module), x


def test_other_forms_weights_and_threads_are_run_as_ever():
    module, passes, x = passes_of_one()
    plain, dense = Passes(module, replaying=False), module.layers[0]

    arena = Arena()

    def both(inputs):
        assert_same(step(passes, inputs, 0, arena), step(plain, inputs, 0, Arena()))

    for _ in range(3):
        both([x])
    both([x[:1]])
    both([np.asfortranarray(x)])
    both([x.tolist()])
    dense.weight.value = dense.weight.value * 2  # another array
    both([x])
    dense.weight.trained = False
    both([x])
    dense.weight.trained = True
    before = use_threads(1)
    both([x])
    use_threads(before)


def test_what_a_step_gave_stays_when_the_next_is_run():
    _, passes, x = passes_of_one()
    arena = Arena()
    for number in range(5):
        with Tape(train=True, arena=arena, step=number) as tape:
            kept, backward = passes.forward(tape, [x * number])
            value = kept.copy()
            backward(np.ones_like(kept))
            passes.step(SGD(), 0.0, 1.0)
        with Tape(train=True, arena=arena, step=number) as tape:
            passes.forward(tape, [x * 9])
        np.testing.assert_array_equal(kept, value)


def draw(dtype):
    def one(rng):
        x = rng.normal(size=(8, 4)).astype(np.float32)
        return Batch((x.astype(dtype),), x[:, :1] * 2)

    return one


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16])
def test_other_dtypes_learn_the_same_and_are_not_replayed(dtype):
    networks = [Network([Dense(16, "relu"), Dense(1)], (4,), answers="values") for _ in range(2)]
    rng = np.random.default_rng(0)
    batches = [draw(dtype)(rng) for _ in range(9)]
    plan = Plan(loss=mean_squared_error, metric=None, schedule=Constant(0.01))
    for network, replaying in zip(networks, (True, False), strict=True):
        passes = Passes(network, replaying)
        state = State(SGD(), np.random.default_rng(0), 9, 1)
        for batch in batches:
            train_step(passes, batch, plan, state)
    assert_same(weights(networks[0]), weights(networks[1]))


def other_share(module, epoch):
    module.layers.layers[1].share = 0.1 * epoch


def other_bias(module, epoch):
    module.layers.layers[0].bias.trained = epoch != 1


def free_a_weight(module, epoch):
    module.layers.layers[2].weight.trained = epoch == 3


def other_rate(module, epoch):
    module.layers.layers[0].weight.rate = 0.5 * epoch


def no_decay(module, epoch):
    module.layers.layers[2].weight.decay = epoch == 2


def nothing(module, epoch):
    pass


def change_optimiser(state):
    state.optimiser = SGD(momentum=0.5, weight_decay=0.1)


def change_look_ahead(state):
    state.optimiser.nesterov = state.epoch == 2


def forget(state):
    memory = state.optimiser.memory
    memory.update({name: np.zeros_like(array) for name, array in memory.items()})


@pytest.mark.parametrize(
    ("change", "other"),
    [
        (other_share, None), (other_bias, None), (free_a_weight, None), (other_rate, None),
        (no_decay, None), (nothing, change_optimiser), (nothing, change_look_ahead),
        (nothing, forget),
    ],
)  # fmt: skip
def test_what_a_callback_changes_between_epochs_is_seen(change, other):
    class Change(Callback):
        def on_epoch(self, module, state):
            change(module, state.epoch)
            if other:
                other(state)

    class ChangeAndWatch(Change, Watching):
        pass

    def frozen():
        network = small()
        network.layers.layers[2].weight.trained = change is not free_a_weight
        return network

    start, kinds = frozen().layers.layers[2].weight.value, (Change, ChangeAndWatch)
    found = [
        trained(frozen(), epochs=5, callbacks=(kind(),), optimiser=SGD(weight_decay=0.02))
        for kind in kinds
    ]
    assert_same(*map(weights, found))
    assert (found[0].layers.layers[2].weight.value != start).any()


def test_an_optimiser_of_ones_own_moves_weights_itself():
    class Own(SGD):
        def update(self, name, parameter, numbers):
            parameter.value -= numbers[0] * parameter.gradient

    module, passes, x = passes_of_one()
    before = module.layers[0].weight.value.copy()
    arena = Arena()
    for number in range(5):
        with Tape(train=True, arena=arena, step=number) as tape:
            output, backward = passes.forward(tape, [x])
            backward(np.ones_like(output))
            passes.step(Own(), 0.5, 1.0)
    gradient = x.sum(0, dtype=np.float64)[:, None]
    np.testing.assert_allclose(module.layers[0].weight.value, before - 2.5 * gradient, rtol=1e-5)
