import numpy as np
import pytest

from rosenblatt.layers import Dense
from rosenblatt.phases import OPEN
from rosenblatt.train import Callback, Network, Plan, Progress


class Watch(Callback):
    """Notes what an onlooker sees after each step."""

    def on_start(self, module, state):
        self.seen = []

    def on_step(self, module, state):
        self.seen.append((OPEN[-1].title, OPEN[-1].done, OPEN[-1].units, OPEN[-1].note))


def test_a_training_tells_how_far_it_is_while_it_runs():
    watch, x = Watch(), np.zeros((20, 3), np.float32)
    plan = Plan(epochs=3, batch_size=10, callbacks=(Progress("learning"), watch))
    Network([Dense(2)], (3,)).fit(x, np.arange(20) % 2, plan)
    assert [one[:3] for one in watch.seen] == [("learning", step, 6) for step in range(1, 7)]
    assert watch.seen[0][3].startswith("epoch 1/3  loss 0.6931")  # log 2: nothing is learned of 0
    assert watch.seen[-1][3].startswith("epoch 3/3")
    assert OPEN == []


@pytest.mark.parametrize("verbose", [True, False])
def test_a_fit_tells_how_far_it_is_where_it_is_asked_to(verbose):
    class Titles(Watch):
        def on_step(self, module, state):
            self.seen.append([one.title for one in OPEN])

    watch, x = Titles(), np.zeros((20, 3), np.float32)
    plan = Plan(epochs=1, batch_size=10, callbacks=(watch,))
    Network([Dense(2)], (3,)).fit(x, np.arange(20) % 2, plan, verbose=verbose)
    assert watch.seen == [["training"] * verbose] * 2
    assert OPEN == []
