"""A sound file that another class reads is not called damaged: the message says which one does."""

import numpy as np
import pytest

import rosenblatt
from rosenblatt.classic import FeatureMachineClassifier, LinearSVM
from rosenblatt.classic.base import Classifier, Estimator
from rosenblatt.data.archive import write_archive
from rosenblatt.errors import UserError
from rosenblatt.layers import Dense
from rosenblatt.train import Network
from tests.classic.examples import LABELS, X

MODEL = r"it holds a model that submit --keep or Model\.save wrote; read it with rosenblatt\.load"


def test_an_estimator_is_read_by_its_class(tmp_path):
    path = tmp_path / "machine.npz"
    machine = FeatureMachineClassifier(rounds=0).fit(X, LABELS)
    machine.save(path)
    name = "FeatureMachineClassifier"
    for load in (rosenblatt.load, Network.load, LinearSVM.load):
        with pytest.raises(UserError, match=f"it holds a {name}; read it with {name}.load"):
            load(path)
    for base in (Estimator, Classifier, FeatureMachineClassifier):
        np.testing.assert_array_equal(base.load(path).predict(X), machine.predict(X))


def test_a_network_is_read_by_its_class(tmp_path):
    path = tmp_path / "network.npz"
    Network([Dense(2)], (3,)).save(path)
    for load in (rosenblatt.load, Estimator.load, LinearSVM.load):
        with pytest.raises(UserError, match=r"it holds a Network; read it with Network\.load"):
            load(path)


def test_a_model_of_a_recipe_is_read_by_the_package(tmp_path):
    path = tmp_path / "model.npz"
    write_archive(path, {"format": 3, "model": {}, "arrays": [], "seal": ""}, {})
    for load in (Network.load, Estimator.load, LinearSVM.load):
        with pytest.raises(UserError, match=MODEL):
            load(path)
    with pytest.raises(UserError, match="or is damaged"):
        rosenblatt.load(path)


def test_what_nothing_reads_is_refused_as_before(tmp_path):
    path = tmp_path / "odd.npz"
    write_archive(path, {"format": 2, "estimator": "os.system", "state": {}}, {})
    for load in (rosenblatt.load, Network.load, Estimator.load):
        with pytest.raises(UserError, match="damaged"):
            load(path)
