"""What makes a machine's scores probabilities: on tables too small to say much, too."""

import numpy as np
import pandas as pd
import pytest

from rosenblatt.challenge.recipe import SHIPPED, read_recipe
from rosenblatt.challenge.target import Classes
from rosenblatt.members import Rows
from rosenblatt.metrics import METRICS

ROWS, ASKED, TABLES = 278, 1000, 6
SHARES = 0.6, 0.3, 0.1


def table(seed, signal):
    """Return a table of numbers and levels, the first of which tells the class by `signal`."""
    rng = np.random.default_rng(seed)
    labels = rng.choice(len(SHARES), ROWS + ASKED, p=SHARES)
    numbers = rng.normal(size=(len(labels), 6))
    numbers[:, 0] += signal * labels
    frame = pd.DataFrame({f"n{k}": column for k, column in enumerate(numbers.T)})
    frame["level"] = pd.Categorical(rng.choice(list("abcd"), len(labels)))
    return frame, labels


@pytest.mark.parametrize("signal", [0, 0.6])
def test_the_recipe_of_tiny_tables_does_not_lose_to_the_shares_of_the_classes(signal):
    """Numbers fitted to N rows cost 1 / 2N each on others (Akaike 1974): there are three."""
    member, better = read_recipe(SHIPPED / "typed.toml").members[0], []
    for seed in range(TABLES):
        frame, labels = table(seed, signal)
        target = Classes(labels[:ROWS], ("a", "b", "c"))
        machine = member.fit(Rows(frame[:ROWS], target, metric="log_loss"), 1)
        shares = np.tile(np.bincount(labels[:ROWS], minlength=3) / ROWS, (ASKED, 1))
        truth, log_loss = labels[ROWS:], METRICS["log_loss"]
        said = machine.predict(frame[ROWS:].reset_index(drop=True))
        better.append(log_loss(truth, shares) - log_loss(truth, said))
    assert np.mean(better) > (-3 / (2 * ROWS) if signal == 0 else 0.01)
