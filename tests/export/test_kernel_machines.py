"""Kernel machines in plain NumPy: of vectors, images, sequences and graphs, as the originals."""

import numpy as np
import pytest

from rosenblatt.challenge.formats.graphs import read_graphs
from rosenblatt.challenge.target import Classes, Values
from rosenblatt.classic.standardisation import NumbersTerm
from rosenblatt.data.source import as_source
from rosenblatt.export import script
from rosenblatt.export.twins import graphs as graph_twins
from rosenblatt.export.twins import sequences
from rosenblatt.export.twins.kernel_machines import exp_in_singles
from rosenblatt.export.twins.machines import sum_in_order
from rosenblatt.export.twins.parts import Part, UnfitError
from rosenblatt.export.twins.words import shared_within, shared_words
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.ckn import KernelNetworkTerm
from rosenblatt.features.gram import ArcCosine, Gaussian, Linear, Normalised, Polynomial
from rosenblatt.features.graphs.substructures import Graphlets, ShortestPaths, WeisfeilerLehman
from rosenblatt.features.histograms import ChiSquare, Intersection, Laplacian
from rosenblatt.features.hog import HOGTerm
from rosenblatt.features.patches import PatchesTerm
from rosenblatt.features.strings import Gapped, Mismatch, Spectrum
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.similarity.gram import exponential
from rosenblatt.members.base import Rows
from rosenblatt.members.kernel_machine import KernelMachineMember
from rosenblatt.members.virtual_svm import VirtualSVMMember
from tests.challenge.formats.test_graphs import networkx, some, write
from tests.export.test_twins import part

__all__ = ["networkx"]  # a fixture

ROWS = 21
TERMS = (
    HOGTerm(cells=(2, 4)),
    HOGTerm(cells=(3,), signed=False, bins=5, compare="chi_square"),
    PatchesTerm(side=3, count=8),
    KernelNetworkTerm(layers=((3, 8, 2), (2, 6, 2)), compare="linear"),
    NumbersTerm(compare="arc_cosine"),
)
MEMBERS = {
    "support vectors": KernelMachineMember(kernels=TERMS, flip=True, shift=1, gamma=1.0),
    "ridge": KernelMachineMember(kernels=TERMS[:1], machine="ridge", weights="alignment"),
    "logistic": KernelMachineMember(kernels=TERMS[4:], machine="logistic"),
    "values": KernelMachineMember(kernels=TERMS[:1], machine="ridge", flip=True),
    "virtual": VirtualSVMMember(
        kernels=(TERMS[0], TERMS[4]), copies=1, views=1, augmentation=Augmentation(shift=1.0)
    ),
}
VECTORS = (
    0.5 * Linear() + Gaussian(0.7) * Laplacian(0.4),
    Normalised(Polynomial(2, 0.5)),
    Normalised(Intersection()),
    ChiSquare(0.5),
    *(ArcCosine(order) for order in range(3)),
)
WORDS = (
    Spectrum(3),
    Spectrum(30),
    Mismatch(5, True, 1),
    Mismatch(6, False, 2),
    Normalised(Gapped(6, True, 4)),
)


def same_kernel(kernel, x, y):
    twin = part(kernel)
    np.testing.assert_allclose(twin(part(x), part(y)), kernel(x, y), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(twin(part(x)), kernel.diagonal(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kernel", VECTORS, ids=str)
def test_vectors_are_compared_as_they_were(kernel):
    rng = np.random.default_rng(0)
    x, y = rng.random((7, 5), np.float32), rng.random((9, 5), np.float32)
    x[0, 0] = y[3, 0] = y[4] = 0
    same_kernel(kernel, x, y)


@pytest.mark.parametrize("kernel", WORDS, ids=str)
def test_sequences_are_compared_as_they_were(kernel):
    rng = np.random.default_rng(1)
    x, y = rng.integers(0, 5, (40, 30), np.uint8), rng.integers(0, 4, (50, 30), np.uint8)
    x[y[:40] < 3], x[3, 20:], y[5:7] = 3, 4, 4
    same_kernel(kernel, x, y)


@pytest.mark.parametrize("kernel", [WeisfeilerLehman(2), ShortestPaths(), Graphlets()], ids=str)
def test_graphs_are_read_and_compared_as_they_were(kernel, networkx, tmp_path):
    graphs = some(networkx, 30)
    folder = write(tmp_path, graphs[:14], [], graphs[14:])
    names = [f"{name}_data.pkl" for name in ("training", "test")]
    x, y = (read_graphs(as_source(folder / name)) for name in names)
    same_kernel(Normalised(kernel), x, y)
    for name, wanted in zip(names, (x, y), strict=True):
        found, _ = graph_twins.read_graphs(None, None, folder / name)
        for key, array in vars(wanted).items():
            np.testing.assert_array_equal(getattr(found, key), array)


def test_a_pickle_runs_nothing(tmp_path):
    (tmp_path / "x.pkl").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(UnfitError, match=r"a graph holds a os.system, which is not made"):
        graph_twins.read_graphs(None, None, tmp_path / "x.pkl")


def test_words_that_many_hold_are_counted_as_others_are():
    rng = np.random.default_rng(2)
    own, other = (
        (np.sort(rng.integers(0, 30, 400)), rng.integers(0, 90, 400) ** 3 // 9000) for _ in range(2)
    )
    wanted = np.zeros((30, 30))
    for row, word in zip(*own, strict=True):
        for place, another in zip(*other, strict=True):
            wanted[row, place] += word == another
    np.testing.assert_array_equal(shared_words(own, other, (30, 30)), wanted)
    np.testing.assert_array_equal(shared_within(own, other, 30), np.diagonal(wanted))


def test_sequences_are_read_with_and_without_header_and_ids(tmp_path):
    model = Part("", {"expected": Part("", {"shape": [5]})})
    for text, ids in (
        ("ACGN\nuac-t\n", None),
        ("Id,seq\n0,ACGN\n1,uac-t\n", ["0", "1"]),
        ("A,CA\n0,ACGN\n1,uac-t\n", ["0", "1"]),
        ("0,ACGN\n1,uac-t\n", ["0", "1"]),
    ):
        (tmp_path / "x.csv").write_text(text)
        found, keys = sequences.read_sequences(None, model, tmp_path / "x.csv")
        np.testing.assert_array_equal(found, [[0, 1, 2, 4, 4], [3, 0, 1, 4, 3]])
        assert keys == ids
    for text in ("ACGTACGT\n", "ACGX\nACGT\n", "Id,seq\n0,\n"):
        (tmp_path / "x.csv").write_text(text)
        with pytest.raises(UnfitError, match="is no sequence of 1 to 5 letters"):
            sequences.read_sequences(None, model, tmp_path / "x.csv")


@pytest.mark.parametrize("terms", [1, 512, 1203])
def test_sums_that_nearly_cancel_have_the_same_digits(terms):
    rng = np.random.default_rng(4)
    gram, start = rng.random((9, terms), np.float32), rng.random(3, np.float32)
    weights = (rng.random((3, terms), np.float32) - np.float32(0.5)) * 20
    wanted = gemm(gram, weights, np.empty((9, 3), np.float32), transpose=(False, True), bias=start)
    np.testing.assert_array_equal(sum_in_order(gram, weights, start), wanted)
    wanted = 60 * gram
    exponential(wanted, np.float32(2))
    np.testing.assert_array_equal(exp_in_singles(np.float32(-2) * (60 * gram)), wanted)


@pytest.mark.parametrize("way", MEMBERS)
def test_machines_of_images_answer_as_they_did(way):
    rng = np.random.default_rng(3)
    labels = np.arange(ROWS) % 3
    images = rng.integers(0, 9, (ROWS + 8, 2, 9, 8)).astype(np.float32)
    images[np.arange(ROWS), 0, labels] += 9
    target = Classes(labels, ("a", "b", "c"))
    if way == "values":
        target = Values(rng.random((ROWS, 2)), ("a", "b"))
    fitted = MEMBERS[way].fit(Rows(images[:ROWS], target), 1)
    found = part(script._needed_alone(fitted))(images[ROWS:])
    np.testing.assert_allclose(found, fitted.predict(images[ROWS:]), atol=1e-5)
