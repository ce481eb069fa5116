"""Estimators on disk: the same answers again, and nothing of a damaged or hostile file."""

import json
import zipfile

import numpy as np
import pytest

from rosenblatt.classic import (
    SVM,
    KernelRidgeRegressor,
    LinearSVM,
    Perceptron,
    RandomForestClassifier,
    VirtualSVM,
)
from rosenblatt.classic.base import Classifier, Estimator, Regressor
from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.gram import ArcCosine, Gaussian, Linear, Normalised, Polynomial
from rosenblatt.features.histograms import ChiSquare, Intersection, Laplacian
from tests.classic.examples import ESTIMATORS, NEW, VALUES, X, answer, frame, targets

KERNELS = (
    ArcCosine(2), Normalised(Polynomial(2, 0.5, 1.0)), 0.5 * Laplacian(2.0) + Gaussian() * Linear(),
    ChiSquare(), Intersection(),
)  # fmt: skip


def same(estimator, path, x=NEW):
    estimator.save(path)
    loaded = type(estimator).load(path)
    assert type(loaded) is type(estimator)
    assert loaded.get_params() == estimator.get_params()
    assert vars(loaded).keys() == vars(estimator).keys()
    np.testing.assert_array_equal(answer(loaded, x), answer(estimator, x))
    return loaded


@pytest.mark.parametrize("make", ESTIMATORS)
def test_what_was_saved_answers_the_same(make, tmp_path):
    loaded = same(make().fit(frame(X), targets(make)), tmp_path / "one.npz", frame(NEW))
    assert loaded.feature_names_in_.tolist() == ["a", "b", "c"]
    loaded.save(tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    make().save(tmp_path / "new.npz")  # before fit: its parameters
    assert Estimator.load(tmp_path / "new.npz").get_params() == make().get_params()


@pytest.mark.parametrize("kernel", KERNELS, ids=repr)
def test_kernels_are_kept_with_their_settings(kernel, tmp_path):
    same(SVM(kernel).fit(X, targets(SVM)), tmp_path / "svm.npz")


@pytest.mark.parametrize("labels", [[3, -1, 7], [True, False, True], ["é", "b", "日本"]])
def test_labels_of_any_kind_come_back(labels, tmp_path):
    machine = LinearSVM().fit(X, np.array(labels)[np.arange(21) % 3])
    loaded = same(machine, tmp_path / "machine.npz")
    np.testing.assert_array_equal(loaded.predict(NEW), machine.predict(NEW))


@pytest.mark.parametrize("make", ["Perceptron", "KernelPerceptron"])
def test_votes_and_gram_matrices_come_back(make, tmp_path):
    by_name = {one.__name__: one for one in ESTIMATORS}
    same(by_name[make](answer="voted").fit(X, targets(SVM)), tmp_path / "voted.npz")
    gram = Gaussian(1.0)(X)
    same(SVM("precomputed").fit(gram, targets(SVM)), tmp_path / "gram.npz", gram[:4])


def test_a_forest_whose_trees_all_drew_a_row_comes_back(tmp_path):
    forest = RandomForestClassifier(trees=2).fit(X, np.arange(len(X)) % 2)
    assert np.isnan(forest.out_of_bag_).any()
    same(forest, tmp_path / "forest.npz")


def test_what_no_file_can_hold_is_named(tmp_path):
    virtual = VirtualSVM(lambda x: x.reshape(len(x), -1), Augmentation())
    with pytest.raises(UserError, match="no file can hold it"):
        virtual.save(tmp_path / "virtual.npz")
    assert not list(tmp_path.iterdir())


def test_a_file_of_another_kind_is_refused(tmp_path):
    SVM().fit(X, targets(SVM)).save(tmp_path / "svm.npz")
    assert isinstance(Classifier.load(tmp_path / "svm.npz"), SVM)
    for other in (LinearSVM, Regressor):
        with pytest.raises(UserError, match=r"it holds a SVM; read it with SVM\.load\."):
            other.load(tmp_path / "svm.npz")


def altered(path, change):
    """Write a file again with its description and arrays changed."""
    description, arrays = read_archive(path)
    names = {name: told["array"] for name, told in description["state"].items()
             if isinstance(told, dict) and "array" in told}  # fmt: skip
    change(description, arrays, names)
    write_archive(path, description, arrays)


HOSTILE = {
    "other axes": lambda d, a, n: a.update({n["dual_coef_"]: np.ones((3, 2), np.float32)}),
    "float64": lambda d, a, n: a.update({n["dual_coef_"]: a[n["dual_coef_"]].astype(float)}),
    "rows beyond the columns": lambda d, a, n: a.update(
        {n["support_vectors_"]: a[n["support_vectors_"]][:, :2].copy()}
    ),
    "not finite": lambda d, a, n: a[n["intercept_"]].fill(np.nan),
    "fewer classes": lambda d, a, n: a.update({n["classes_"]: np.array(["u"])}),
    "an array less": lambda d, a, n: a.pop(n["support_"]),
    "a parameter out of range": lambda d, a, n: d["state"].update(cost=-1.0),
    "a parameter less": lambda d, a, n: d["state"].pop("cost"),
    "a method instead": lambda d, a, n: d["state"].update(predict=1),
    "no such kernel": lambda d, a, n: d["state"].update(kernel_={"os.system": {"command": "x"}}),
    "a kernel out of range": lambda d, a, n: d["state"].update(
        kernel_={"rosenblatt.features.gram.Gaussian": {"gamma": -1.0}}
    ),
    "no kernel": lambda d, a, n: d["state"].update(kernel_=None),
    "columns without end": lambda d, a, n: d["state"].update(n_features_in_=10**15),
    "another estimator": lambda d, a, n: d.update(estimator="rosenblatt.classic.svm.Task"),
    "another format": lambda d, a, n: d.update(format=d["format"] - 1),
    "a list": lambda d, a, n: d.update(state=[1]),
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_was_tampered_with_is_refused(change, tmp_path):
    path = tmp_path / "svm.npz"
    SVM().fit(X, targets(SVM)).save(path)
    altered(path, change)
    with pytest.raises(UserError, match="fit and save again"):
        SVM.load(path)


def test_votes_of_samples_that_there_are_not_are_refused(tmp_path):
    path = tmp_path / "voted.npz"
    Perceptron(answer="voted").fit(X, targets(SVM)).save(path)

    def beyond(description, arrays, names):
        [mistakes] = description["state"]["perceptrons_"]["list"][0].values()
        arrays[mistakes["samples"]["array"]][0] = 10**9

    altered(path, beyond)
    with pytest.raises(UserError, match="not those of these samples"):
        Perceptron.load(path)


def test_damage_anywhere_is_refused_or_harmless(tmp_path):
    path = tmp_path / "ridge.npz"
    KernelRidgeRegressor(penalty=0.1).fit(X, VALUES).save(path)
    good, rng = path.read_bytes(), np.random.default_rng(0)
    for _ in range(300):
        bad = bytearray(good)
        for place in rng.integers(0, len(bad), rng.integers(1, 4)):
            bad[place] = rng.integers(0, 256)
        path.write_bytes(bad[: rng.integers(1, len(bad))] if rng.random() < 0.2 else bad)
        try:
            loaded = KernelRidgeRegressor.load(path)
        except UserError:
            continue
        assert np.isfinite(loaded.predict(NEW)).all()


def test_the_description_is_json_that_tells_what_it_is(tmp_path):
    KernelRidgeRegressor(penalty=0.1).fit(X, VALUES).save(tmp_path / "ridge.npz")
    with zipfile.ZipFile(tmp_path / "ridge.npz") as archive:
        told = json.loads(archive.read("description.json"))
    assert told["estimator"] == "rosenblatt.classic.kernel_ridge.KernelRidgeRegressor"
    assert told["state"]["penalty"] == 0.1
