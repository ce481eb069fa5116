"""A training killed at any moment ends in the bits of one that was not."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import BatchNormalisation, Dense, Dropout, ReLU
from rosenblatt.train import Adam, Callback, Exponential, Network, Plan
from rosenblatt.train.checkpoint import Checkpoint

ROOT = Path(__file__).parents[2]
RUN = "import sys; from tests.train.test_checkpoint import main; main(*sys.argv[1:])"


class KilledError(Exception):
    """Stands for a kill."""


class KillAfter(Callback):
    def __init__(self, steps):
        self.steps = steps

    def on_step(self, network, state):
        if state.step == self.steps:
            raise KilledError


def train(callbacks, epochs=6):
    """Train with all that has a memory: Adam, dropout, running statistics, best and average."""
    rng = np.random.default_rng(0)
    x, y = rng.random((60, 5), np.float32), rng.integers(0, 3, 60)
    network = Network([Dense(8), BatchNormalisation(), ReLU(), Dropout(0.3), Dense(3)], (5,))
    plan = Plan(
        epochs=epochs,
        batch_size=16,
        optimiser=Adam(),
        average=Exponential(0.9),
        seed=3,
        callbacks=callbacks,
    )
    return network.fit(x[:48], y[:48], plan, (x[48:], y[48:]))


def bits(network):
    rows = [(row["loss"], row["validation_metric"]) for row in network.history]
    return [array.tobytes() for array in network.state().values()], rows


def main(path, epochs):
    network = train((Checkpoint(path, "test"),), int(epochs))
    print(weights(network))


def weights(network):
    return b"".join(array.tobytes() for array in network.state().values()).hex()


@pytest.mark.parametrize("steps", [2, 3, 4, 10, 18])
def test_interrupted_in_any_epoch(tmp_path, steps):
    path = tmp_path / "training.npz"
    with pytest.raises(KilledError):
        train((KillAfter(steps), Checkpoint(path, "test")))
    assert path.exists() == (steps > 3)  # three steps are an epoch, and it must be closed
    resumed = train((Checkpoint(path, "test"),))
    assert bits(resumed) == bits(train(()))
    again = train((Checkpoint(path, "test"),))  # it is over: nothing is trained twice
    assert bits(again) == bits(resumed)


def test_another_training_is_refused(tmp_path):
    path = tmp_path / "training.npz"
    train((Checkpoint(path, "one"),), epochs=1)
    with pytest.raises(UserError, match="another training"):
        train((Checkpoint(path, "two"),))
    other = Network([Dense(3)], (5,))
    plan = Plan(callbacks=(Checkpoint(path, "one"),))
    with pytest.raises(UserError, match="does not fit the network"):
        other.fit(np.zeros((4, 5), np.float32), np.zeros(4, int), plan)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(UserError, match="damaged"):
        train((Checkpoint(path, "one"),))
    Checkpoint(path, "one").remove()
    assert not path.exists()


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_killed_by_the_system_again_and_again(tmp_path):
    """Kills land in steps, writes and renames alike: an epoch is a few milliseconds."""
    path = tmp_path / "killed.npz"
    waits = random.Random(1)
    for _ in range(2):
        process = start(path)
        before = path.read_bytes() if path.exists() else b""
        while process.poll() is None and (not path.exists() or path.read_bytes() == before):
            time.sleep(0.002)
        time.sleep(waits.uniform(0, 0.2))
        process.kill()
        process.communicate()
    assert start(path).communicate()[0].strip() == weights(train((), 60))


def start(path):
    return subprocess.Popen(
        [sys.executable, "-c", RUN, path, "60"],
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        text=True,
    )
