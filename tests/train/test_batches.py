"""Batches prepared ahead: the same as those prepared in time, and a fault is not lost."""

import threading

import numpy as np
import pytest

from rosenblatt.layers import Dense
from rosenblatt.train import Mixup, Network, Plan
from rosenblatt.train.batches import Batches


def test_ahead_or_in_time_the_batches_are_the_same():
    rng = np.random.default_rng(0)
    data = rng.random((23, 3), np.float32), rng.integers(0, 2, 23)
    threads = set()

    def augment(images, seed, step, *, out):
        threads.add(threading.current_thread())
        return np.multiply(images, np.float32(step + seed), out=out)

    plan = Plan(batch_size=5, augment=augment, mixup=Mixup(0.5), seed=4)
    network = Network([Dense(2)], (3,))
    order = rng.permutation(23)
    ahead = Batches(network, data, plan).in_order(order, 10)
    in_time = Batches(network, data, plan)
    for place, batch in enumerate(ahead):
        again = in_time.prepare(order[5 * place : 5 * place + 5], 10 + place)
        assert np.array_equal(batch.inputs[0], again.inputs[0])
        assert np.array_equal(batch.targets, again.targets)
        assert np.array_equal(batch.others, again.others)
        assert batch.share == again.share
    assert place == 4
    assert len(threads) == 2  # the helper's, and this one


def test_a_fault_in_the_preparation_ends_the_training():
    def augment(images, seed, step, *, out):
        if step == 2:
            raise ZeroDivisionError
        return images

    plan = Plan(epochs=3, batch_size=4, augment=augment)
    with pytest.raises(ZeroDivisionError):
        Network([Dense(2)], (3,)).fit(np.zeros((20, 3), np.float32), np.zeros(20, int), plan)
