"""Networks for tables as members: what they learn, and how they are trained."""

import numpy as np
import pytest

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.layers import Dense, Scale
from rosenblatt.members import Rows, table_network
from rosenblatt.members.table_network import HELD_OUT, TableNetworkMember
from rosenblatt.train import SGD, Network, Plan
from rosenblatt.train.losses import mean_squared_error
from rosenblatt.train.schedules import Constant
from tests.members.test_feature_machine import frame

SHORT = TableNetworkMember(networks=2, layers=(32,), epochs=60, rate=0.01)


def test_classes_of_tables_are_learned_and_others_get_nothing():
    table, truth = frame(400)
    labels = np.where(truth, 2, 1)
    target = Classes(labels[:300], ("never", "no", "yes"))
    said = SHORT.fit(Rows(table[:300], target), 1).predict(table[300:])
    assert said.dtype == np.float32
    np.testing.assert_allclose(said.sum(1), 1, atol=1e-5)
    assert not said[:, 0].any()
    assert (said.argmax(1) == labels[300:]).mean() > 0.9


def test_values_of_numbers_are_learned_from_waves():
    x = np.random.default_rng(0).random((400, 2), np.float32) * 100
    values = np.sin(x[:, :1] / 4).astype(np.float64)  # four turns
    target = Values(np.hstack([values, -values])[:300], ("a", "b"))
    said = TableNetworkMember(networks=2, scale=1.0, rate=0.01).fit(Rows(x[:300], target), 1)
    lost = np.square(said.predict(x[300:]) - np.hstack([values, -values])[300:]).mean()
    assert lost < 0.1 * np.square(values).mean()


def test_each_network_holds_out_other_rows_and_keeps_its_best_epoch():
    table, truth = frame(140)
    rows = Rows(table, Classes(truth.astype(int), ("no", "yes")))
    fitted = SHORT.fit(rows, 1).machine
    assert len(fitted.networks) == 2
    for network in fitted.networks:
        losses = [row["validation_loss"] for row in network.history]
        after = len(losses) - 1 - int(np.argmin(losses))
        assert after == SHORT.patience or len(losses) == SHORT.epochs
    first, second = (network.state() for network in fitted.networks)
    assert any(not np.array_equal(first[name], second[name]) for name in first)


def test_of_many_rows_fewer_networks_learn_and_wait_less(monkeypatch):
    table, truth = frame(140)
    monkeypatch.setattr(table_network, "PLENTY", 70)
    rows = Rows(table, Classes(truth.astype(int), ("no", "yes")))
    [network] = SHORT.fit(rows, 1).machine.networks
    losses = [row["validation_loss"] for row in network.history]
    assert len(losses) - 1 - int(np.argmin(losses)) <= SHORT.patience * 70 // 120 + 1


def test_a_step_is_learned_from_pieces():
    x = np.random.default_rng(0).random((400, 1), np.float32)
    step = (np.abs(x - 0.5) < 0.1).astype(np.float64)
    rows = Rows(x[:300], Values(step[:300], ("v",)))
    lost = [
        np.square(member.fit(rows, 1).predict(x[300:]) - step[300:]).mean()
        for member in (TableNetworkMember(networks=1, layers=(), epochs=80, bins=bins, rate=0.02)
                       for bins in (0, 20))
    ]  # fmt: skip
    assert lost[1] < 0.8 * lost[0]


@pytest.mark.parametrize("rows", [2, HELD_OUT])
def test_few_rows_are_enough(rows):
    x = np.arange(rows, dtype=np.float32)[:, None]
    member = TableNetworkMember(epochs=1)
    said = member.fit(Rows(x, Values(x.astype(np.float64), ("v",))), 1).predict(x)
    assert np.isfinite(said).all()


def test_numbers_far_beyond_the_training_rows_are_answered_for():
    x = np.random.default_rng(0).random((40, 2), np.float32)
    rows = Rows(x, Values(x[:, :1].astype(np.float64), ("v",)))
    said = TableNetworkMember(epochs=2).fit(rows, 1).predict(x * 1e9)
    assert np.abs(said).max() < 100


def test_a_scale_of_another_rate_moves_by_so_much_more():
    x, y = np.ones((8, 1)), np.zeros(8)
    moved = []
    for rate in (1.0, 6.0):
        network = Network([Scale(rate), Dense(1)], (1,), seed=0)
        before = {name: array.copy() for name, array in network.state().items()}
        plan = Plan(1, 8, SGD(0.0), Constant(0.01), loss=mean_squared_error, metric=None)
        network.fit(x, y, plan)
        moved.append({name: network.state()[name] - before[name] for name in before})
    for name, change in moved[0].items():
        factor = 6 if name.endswith(("scale", "shift")) else 1
        np.testing.assert_allclose(moved[1][name], factor * change, rtol=1e-3)
