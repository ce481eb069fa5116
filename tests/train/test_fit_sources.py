"""The loop on what is no Network: any module, several inputs, batches of any source."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import Concatenate, Dense, Dropout, Module
from rosenblatt.train import (
    Callback,
    Constant,
    Exponential,
    Mixup,
    Plan,
    Stochastic,
    mean_squared_error,
)
from rosenblatt.train.batches import Batch, ByLength, Drawn
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit import fit

WEIGHTS = np.array([[2.0], [-1.0], [0.5]], np.float32)


class Pair(Module):
    """Two inputs, one linear output: what they are added up with can be told exactly."""

    def __init__(self):
        self.join, self.drop, self.dense = Concatenate(), Dropout(0.0), Dense(1)

    def build(self, shape, rng):
        return self.dense.build(self.join.build(shape, rng), rng)

    def __call__(self, first, second):
        return self.dense(self.drop(self.join(first, second)))


def draw(rng):
    x = rng.random((16, 3), np.float32)
    return Batch((x[:, :1].copy(), x[:, 1:].copy()), x @ WEIGHTS + 3)


def built():
    module = Pair()
    module.build(((1,), (2,)), np.random.default_rng(0))
    return module


def plan(**changes):
    settings = {"schedule": Constant(0.1), "loss": mean_squared_error}
    return Plan(**settings | {"metric": None, "epochs": 20} | changes)


def held_out(module):
    inputs, targets, *_ = draw(np.random.default_rng(99))
    return lambda: (module(*inputs), targets)


@pytest.mark.parametrize("average", [None, Exponential(0.9), Stochastic(0.5)])
def test_a_module_of_two_inputs_learns(average):
    module = built()
    state = fit(module, Drawn(10, draw), plan(average=average), held_out(module))
    np.testing.assert_allclose(module.dense.weight.value, WEIGHTS, atol=0.05)
    losses = [row["validation_loss"] for row in state.history]
    assert len(losses) == 20
    outputs, targets = held_out(module)()
    assert mean_squared_error(outputs, targets)[0] == pytest.approx(min(losses))  # the best epoch's


class Killed(Callback):
    def on_step(self, module, state):
        if state.step == 25:
            raise KeyboardInterrupt


def test_it_goes_on_from_a_checkpoint_to_the_same_bits(tmp_path):
    """Also what is drawn: the source's numbers come from the state's generator."""
    changes = {"epochs": 4, "average": Exponential(0.9)}
    whole, halves = built(), built()
    state = fit(whole, Drawn(10, draw), plan(**changes), held_out(whole))
    kept = Checkpoint(tmp_path / "c.npz", "pair")
    killed = plan(**changes, callbacks=(kept, Killed()))
    with pytest.raises(KeyboardInterrupt):
        fit(halves, Drawn(10, draw), killed, held_out(halves))
    again = built()
    resumed = fit(again, Drawn(10, draw), plan(**changes, callbacks=(kept,)), held_out(again))
    assert [row["loss"] for row in resumed.history] == [row["loss"] for row in state.history]
    for name, value in whole.state().items():
        assert np.array_equal(again.state()[name], value)


def test_patience_ends_it():
    errors = iter([3.0, 1.0, 2.0, 5.0, 1.5, 0.0])
    state = fit(
        built(), Drawn(1, draw), plan(patience=3),
        lambda: (np.full((1, 1), next(errors)), np.zeros((1, 1))),
    )  # fmt: skip
    assert (state.best_epoch, state.epoch) == (2, 5)


def test_sequences_come_with_others_of_like_length():
    lengths = np.array([3, 30, 4, 29, 5, 28, 2])
    seen = []

    def batch(rows, rng):
        seen.append(sorted(rows.tolist()))
        return Batch((np.ones((len(rows), 1), np.float32), np.ones((len(rows), 2), np.float32)),
                     np.ones((len(rows), 1), np.float32))  # fmt: skip

    source = ByLength(lengths, 4, batch)
    assert source.steps == 2
    fit(built(), source, plan(epochs=1))
    assert sorted(seen) == [[0, 2, 4, 6], [1, 3, 5]]


def test_a_step_is_told_its_own_loss():
    class Look(Callback):
        def __init__(self):
            self.losses = []

        def on_step(self, module, state):
            self.losses.append(state.step_loss)

    look = Look()
    state = fit(built(), Drawn(5, draw), plan(epochs=1, callbacks=(look,)))
    assert np.mean(look.losses) == pytest.approx(state.loss)


def test_what_does_not_fit_a_source_is_refused():
    with pytest.raises(UserError, match="no batch to learn from"):
        fit(built(), Drawn(0, draw), plan())
    with pytest.raises(UserError, match="patience needs validation"):
        fit(built(), Drawn(5, draw), plan(patience=2))
    with pytest.raises(UserError, match="other sources make their own"):
        fit(built(), Drawn(5, draw), plan(mixup=Mixup()))
