"""Feature machines and kernel perceptrons as members, on tables."""

import numpy as np
import pandas
import pytest

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.members import Rows
from rosenblatt.members.feature_machine import FeatureMachineMember
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember


def frame(rows=240, seed=0):
    """Return a table, and which of its rows are near and late."""
    rng = np.random.default_rng(seed)
    level, hour = rng.integers(0, 3, rows), rng.random(rows) * 1000
    table = pandas.DataFrame({
        "noise": np.where(rng.random(rows) < 0.1, np.nan, rng.random(rows)),
        "level": pandas.Categorical.from_codes(level, ["far", "near", "left"]),
        "hour": hour,
    })  # fmt: skip
    return table, (level == 1) & (hour > 500)


@pytest.mark.parametrize("member", [FeatureMachineMember(), KernelPerceptronMember()])
def test_classes_of_tables_and_numbers_are_learned(member):
    table, truth = frame()
    labels = np.where(truth, 2, 1)  # no row is of the first class
    columns = [table["level"].cat.codes, table["hour"], table["noise"].fillna(0)]
    numbers = np.stack(columns, 1).astype(np.float32)
    for samples in (table, numbers):
        target = Classes(labels[:160], ("never", "no", "yes"))
        said = member.fit(Rows(samples[:160], target), 1).predict(samples[160:])
        assert said.dtype == np.float32
        np.testing.assert_allclose(said.sum(1), 1, atol=1e-6)
        assert not said[:, 0].any()
        assert (said.argmax(1) == labels[160:]).mean() > 0.9


def test_values_of_tables_are_learned():
    table, truth = frame()
    values = np.stack([truth - 1.0, 5.0 - truth], 1)
    rows = Rows(table[:160], Values(values[:160], ("a", "b")))
    said = FeatureMachineMember().fit(rows, 1).predict(table[160:])
    assert said.dtype == np.float32
    assert np.abs(said - values[160:]).mean() < 0.12


def test_shorter_has_fewer_rounds_and_rows():
    assert FeatureMachineMember(rounds=3).shorter(0.34).rounds == 1
    assert FeatureMachineMember(rounds=0).shorter(0.5).rounds == 0
    assert FeatureMachineMember().shorter(0.5).sample == 1000
    assert FeatureMachineMember(sample=50).shorter(0.1).sample == 50
