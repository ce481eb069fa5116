"""Every public entry of classic, features, detection and visualise refuses what it cannot use.

The short form, in this suite: what stands in no argument's place is refused before any compiled
loop, by every entry; and those of boxes are tried in full with Numba's bounds check on. The long
form tries all of them in full:

    NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=DIR python -m tests.door.faults
"""

import dataclasses
import inspect
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import classic
from rosenblatt.classic.base import Classifier
from rosenblatt.errors import UserError
from rosenblatt.features import alignment, augmentation, gram, histograms, hog, scattering, sift
from rosenblatt.features import strings as words
from tests.door.doors import NEW, X, Y, doors, public_names
from tests.door.faults import refused
from tests.door.values import outside

ROOT = Path(__file__).parents[2]
FEATURES = (
    alignment.WeightedDegree, alignment.LocalAlignment, augmentation.Augmentation, gram.Polynomial,
    gram.Gaussian, gram.ArcCosine, gram.Scaled, gram.Sum, gram.Product, gram.Normalised,
    histograms.Laplacian, histograms.ChiSquare, hog.HOG, scattering.Scattering, sift.DenseSIFT,
    words.Spectrum, words.Mismatch, words.Gapped,
)  # fmt: skip
MACHINES = [getattr(classic, name) for name in classic.__all__]
VECTORS = [make for make in MACHINES if make is not classic.VirtualSVM]
DISTANCES = [  # what trees ask is only which number is the larger
    make for make in VECTORS
    if make is not classic.Standardisation and not make.allows_missing
]  # fmt: skip
CLASSIFIERS = [make for make in VECTORS if issubclass(make, Classifier)]


@pytest.fixture(scope="module")
def known():
    return doors()


def test_every_public_entry_is_tried(known):
    assert set(public_names()) == set(known)


@pytest.mark.parametrize("name", sorted(set(public_names())))
def test_what_stands_in_no_place_is_refused(known, name):
    faults = [f"{what} {wrong}" for door in known[name] for what, wrong in refused(door) if wrong]
    assert not faults


def test_boxes_in_full_with_the_bounds_check_on():
    environment = os.environ | {"NUMBA_BOUNDSCHECK": "1", "PYTHONPATH": str(ROOT / "src")}
    environment["NUMBA_CACHE_DIR"] += "-bounds"  # kept, for compiling takes half a minute
    command = [sys.executable, "-m", "tests.door.faults", "boxes"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("make", MACHINES)
def test_every_parameter_of_a_machine_has_its_range(make):
    parameters = inspect.signature(make).parameters
    assert set(make.settings) == set(parameters)
    for name, parameter in parameters.items():
        if parameter.default is not parameter.empty:
            assert make.settings[name].holds(parameter.default), name


@pytest.mark.parametrize("make", VECTORS)
def test_a_parameter_out_of_its_range_is_refused_by_fit(make):
    for name, wanted in make.settings.items():
        for value in outside(wanted):
            machine = make(**{name: value})
            assert getattr(machine, name) is value  # the constructor keeps its arguments
            with pytest.raises(UserError, match=f"^{name} = "):
                machine.fit(X, Y)


@pytest.mark.parametrize("make", FEATURES)
def test_a_setting_out_of_its_range_is_refused(make):
    needed = {"kernel": gram.Linear(), "first": gram.Linear(), "second": gram.Linear()}
    needed |= {"factor": 2.0, "letters": 4}
    fields = [field.name for field in dataclasses.fields(make)]
    assert set(fields) == set(make.settings)
    given = {name: needed[name] for name in fields if name in needed}
    make(**given)
    for name, wanted in make.settings.items():
        for value in outside(wanted):
            with pytest.raises(UserError, match=f"^{name} = "):
                make(**given | {name: value})


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_answers_are_in_the_labels_of_the_user(make):
    index = make().fit(X, Y).predict(NEW)
    for names in (np.array(["c", "a", "b"]), np.array([-1, 7, 300]), np.array([2.0, -3.0, 1.0])):
        for labels in (names[Y], names[Y][:, None], names[Y].tolist(), names[Y].astype(object)):
            machine = make().fit(X, labels)
            assert set(machine.classes_) == set(names)
            if list(names) == sorted(names):  # so the classes have the same order
                np.testing.assert_array_equal(machine.predict(NEW), names[index])
            assert set(machine.predict(NEW)) <= set(names)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (Y + 0.5, "label 1 is 0.5, and no class"),
        (np.where(Y == 1, np.nan, Y), "label 2 is nan, and no class"),
        (np.full(12, 3), "two classes are needed"),
        (Y[:11], "12 samples, but labels of shape"),
        (Y[None], "12 samples, but labels of shape"),
        (np.stack([Y, Y], 1), "12 samples, but labels of shape"),
        ([*"ab" * 5, "a", None], "label 12 is None"),
        ([*"ab" * 5, "a", float("nan")], "label 12 is nan"),
        ([*"ab" * 5, "a", 3], "types int, str"),
        (Y + 1j, "of type complex"),
        (Y.astype("datetime64[D]"), "of type datetime64"),
        (np.ma.masked_array(Y, Y == 1), "have a mask"),
        (["a", ["b"]] * 6, "give"),
    ],
)
@pytest.mark.parametrize("make", CLASSIFIERS)
def test_labels_that_are_none_are_named(make, labels, words):
    with pytest.raises(UserError, match=words):
        make().fit(X, labels)


@pytest.mark.parametrize("make", CLASSIFIERS)
def test_a_fit_that_is_refused_leaves_what_was_learned(make):
    machine = make().fit(X, Y)
    before = machine.predict(NEW)
    with pytest.raises(UserError):
        machine.fit(X[:, :2], np.full(12, 1))
    np.testing.assert_array_equal(machine.predict(NEW), before)


@pytest.mark.parametrize("make", DISTANCES)
def test_numbers_whose_squares_overflow_are_refused(make):
    with pytest.raises(UserError, match="squares are beyond float32"):
        make().fit(X * 1e30, Y)


def test_a_polynomial_that_overflows_says_so():
    with pytest.raises(UserError, match="beyond float32"):
        classic.SVM("polynomial", gamma=1.0, degree=9).fit(X * 1e6, Y)


def test_a_gram_matrix_must_be_symmetric():
    with pytest.raises(UserError, match=r"row 1, column 2 of the Gram matrix is 1\.0, but"):
        classic.SVM("precomputed").fit([[2.0, 1.0], [0.0, 2.0]], [0, 1])
