"""Every feature, kernel and estimator that is offered is reached by a recipe, a command or the
gallery; and every kernel of rows is one: symmetric, with ones on the diagonal, and of use."""

import ast
import dataclasses
from pathlib import Path

import numpy as np
import pytest

from rosenblatt import classic
from rosenblatt.challenge.target import Classes
from rosenblatt.classic.standardisation import NumbersTerm
from rosenblatt.errors import UserError
from rosenblatt.features.fisher import FisherTerm
from rosenblatt.features.hog import HOGTerm
from rosenblatt.features.terms import COMPARISONS, RowTerm, Term, form
from rosenblatt.features.virtual import Variants
from rosenblatt.members import Rows
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember

ROOT = Path(__file__).parents[2] / "src" / "rosenblatt"
# For values, which come with the challenges that ask for them.
ELSEWHERE = {"KernelRidgeRegressor"}


def offered():
    """Yield the public classes and functions of features, and the estimators."""
    for path in sorted((ROOT / "features").glob("*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                yield path.relative_to(ROOT), node.name
    for name in classic.__all__:
        module = getattr(classic, name).__module__.split(".")[1:]
        yield Path(*module).with_suffix(".py"), name


def uses(tree):
    """Return the names that a piece of source uses, its own definition left out."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def test_nothing_is_offered_that_no_command_reaches():
    """A name counts where another file uses it, or a term or another name of its own file does."""
    trees = {path.relative_to(ROOT): ast.parse(path.read_text()) for path in ROOT.rglob("*.py")}
    used = {path: uses(tree) for path, tree in trees.items() if path.stem != "__init__"}
    known = {table.__name__ for table in Term.kinds().values()} | ELSEWHERE
    missing = []
    for home, name in offered():
        others = (names for path, names in used.items() if path != home)
        own = (uses(node) for node in trees[home].body if getattr(node, "name", "") != name)
        if name not in known and not any(name in names for names in (*others, *own)):
            missing.append(f"{home}: {name}")
    assert missing == []


@pytest.fixture(scope="module")
def stripes():
    """Return images [N, H, W, C] of upright and lying stripes under noise, and which they are."""
    rng = np.random.default_rng(0)
    labels = np.arange(48) % 2
    images = rng.random((48, 16, 16, 1), np.float32)
    for image, label in zip(images, labels, strict=True):
        view = image if label else image.transpose(1, 0, 2)
        view[rng.integers(0, 4) :: 4] += 1
    return images, labels


SMALL = {"patches": {"count": 8, "side": 4}, "scattering": {"scales": 2, "angles": 2},
         "kernel_network": {"layers": ((3, 8, 2),)}, "fisher": {"count": 3, "samples": 1024},
         "nystrom": {"components": 20}, "kernel_pca": {"components": 20}}  # fmt: skip
ROW_TERMS = [
    table(**SMALL.get(kind, {}))
    for kind, table in Term.kinds().items()
    if issubclass(table, RowTerm) and table.__module__.startswith("rosenblatt.")
    if "images" in table.takes
]
ROW_TERMS += [HOGTerm(compare=name) for name in COMPARISONS]


def votes(member, stripes):
    images, labels = stripes
    samples = images.transpose(0, 3, 1, 2)
    rows = Rows(samples[:36], Classes(labels[:36], ("lying", "upright")))
    return member.fit(rows, 1).predict(samples[36:])


@pytest.mark.parametrize("term", ROW_TERMS, ids=lambda term: f"{term.kind} {term.compare}")
def test_a_kernel_of_rows_is_one_and_a_machine_learns_from_it(term, stripes):
    images, labels = stripes
    compared = term.learn(images, 1)
    gram = compared.gram()
    np.testing.assert_allclose(gram.diagonal(), 1, atol=1e-5)
    np.testing.assert_allclose(gram, gram.T, atol=1e-5)
    np.testing.assert_allclose(compared(images[:5]), gram[:5], atol=1e-4)
    found = votes(KernelMachineMember(kernels=(term,), costs=(10.0,)), stripes)
    if term.kind not in ("numbers", "nystrom", "random_fourier", "kernel_pca"):  # stripes move
        assert (found.argmax(1) == labels[36:]).mean() > 0.8


@pytest.mark.parametrize(
    "member",
    [
        KernelMachineMember(kernels=(HOGTerm(),), machine="logistic"),
        KernelMachineMember(kernels=(HOGTerm(),), flip=True, shift=1),
        KernelPerceptronMember(budget=12),
    ],
    ids=["logistic", "shifted", "budget"],
)
def test_other_ways_to_learn(member, stripes):
    if member.kind == "kernel_perceptron":  # which sees pixels: stripes that stand still
        images = np.repeat(stripes[0].mean(2, keepdims=True), 16, 2) - stripes[0].mean(
            1, keepdims=True
        )
        stripes = images - images.min(), stripes[1]
    found = votes(member, stripes)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)
    assert (found.argmax(1) == stripes[1][36:]).mean() > 0.8


def test_copies_are_moved_and_mirrored_images_in_order():
    images = np.random.default_rng(0).random((2, 5, 5, 1), np.float32)
    copies = Variants(flip=True, shift=1)(images)
    assert len(copies) == Variants(flip=True, shift=1).count == 10
    assert np.array_equal(copies[0], images)
    assert np.array_equal(copies[1][:, 1:], images[:, :-1])
    assert np.array_equal(copies[5:], copies[:5, :, :, ::-1])
    assert Variants().count == 1


def test_what_does_not_fit_is_refused_before_training(stripes):
    samples = stripes[0].transpose(0, 3, 1, 2)
    for table, words in ((FisherTerm(side=5), "windows of 20 pixels"),
                         (KernelMachineMember(shift=16), "shift = 16")):  # fmt: skip
        suits = [samples] if isinstance(table, Term) else [samples, None]
        with pytest.raises(UserError, match=words):
            table.suits(*suits)
    assert [form(one) for one in (samples, samples[:, 0, 0], np.zeros((2, 3), np.uint8))] == [
        "images", "numbers", "sequences",
    ]  # fmt: skip
    below = np.random.default_rng(0).random((9, 3), np.float32) - np.float32(0.5)
    compared = NumbersTerm(compare="chi_square", standardise=False).learn(below, 1)
    with pytest.raises(UserError, match="wants numbers from 0 on"):
        compared.gram()


def test_a_term_keeps_what_it_inherits():
    for table in Term.kinds().values():
        names = {field.name for field in dataclasses.fields(table)}
        assert names - {"features"} == set(table.settings), table  # tables of their own
