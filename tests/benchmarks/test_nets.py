"""Nets that are raced: what a subject names, and what work they are."""

import numpy as np
import pytest

from tests.benchmarks import counting
from tests.benchmarks.nets import NETS, find


def separable(side, channels, filters):
    return side * side * (channels * filters + 2 * (9 * filters + filters * filters))


MULTIPLY_ADDS = {  # of a sample's forward pass, by hand; of sequences, of a step
    "A": 24 * 24 * 25 * 6 + 8 * 8 * 150 * 16 + 256 * 120 + 120 * 84 + 84 * 10,
    "B": 28 * 28 * 25 * 32 + 14 * 14 * 800 * 64 + 3136 * 512 + 512 * 10,
    "C": 32 * 32 * (27 + 288) * 32 + 16 * 16 * (288 + 576) * 64 + 8 * 8 * (576 + 1152) * 128
    + 2048 * 256 + 256 * 10,
    "C side=16": 16 * 16 * (27 + 288) * 32 + 8 * 8 * (288 + 576) * 64 + 4 * 4 * (576 + 1152) * 128
    + 512 * 256 + 256 * 10,
    "D": 784 * 512 + 512 * 256 + 256 * 10,
    "D side=14 width=2": 196 * 1024 + 1024 * 512 + 512 * 10,
    "E": 256 * 1024 * 2 + 256 * 80,
    "F width=0.5": 128 * 384 * 2 + 128 * 80,
    "G": 32 * 32 * 27 * 32 + separable(32, 32, 64) + separable(16, 64, 128)
    + separable(8, 128, 256) + 256 * 10,
    "H": 101 * 44 * 64 + 50 * 320 * 128 + 25 * 384 * 128 + 128 * 64 + 64 * 2,
    "I side=16": 4 * (12 * 256 * 256 + 2 * 16 * 256) + 256 * 80,
}  # fmt: skip


@pytest.mark.parametrize("subject", MULTIPLY_ADDS)
def test_work_is_that_of_the_textbook(subject):
    net = find(subject)
    wanted = 2 * MULTIPLY_ADDS[subject] * net.units
    assert counting.of_net(net, "infer", 8).textbook == wanted
    assert counting.of_net(net, "train", 8).textbook == 3 * wanted


def test_a_subject_says_what_differs():
    net = find("C batch=16 side=64 width=0.5")
    assert (net.batch, net.shape, net.side) == (16, (64, 64, 3), 64)
    widths = [layer[1] for layer in net.layers if layer[0] in ("conv", "dense")]
    assert widths == [16, 16, 32, 32, 64, 64, 128, 10]  # the classes stay
    assert find("C") is NETS["C"]
    assert find("D").side == 28
    assert find("E side=16").units == 16


def test_no_gradient_of_the_input_is_executed():
    work = counting.of_net(find("D"), "train", 128)
    assert work.textbook - work.executed == 2 * 784 * 512


@pytest.mark.parametrize(
    ("subject", "mode", "share"),
    [
        ("gemm 64x32x16 nn", "product", 1),
        ("conv 8x16x64 3x64", "forward", 36 / (4 * 4 * 9)),  # Lavin & Gray 2016, section 3.1
        ("conv 8x16x64 3x64", "input", 36 / (4 * 4 * 9)),
        ("conv 64x14x32 5x64", "weights", 36 / (2 * 2 * 25)),
        ("conv 8x18x64 3x64", "forward", 36 * 5**2 / (18**2 * 9)),  # tiles beyond the border
        ("conv 8x16x3 3x64", "forward", 1),
        ("pooled 128x12x6 5x16", "forward", 1),
        ("pooled 128x12x6 5x16", "weights", 1 / 4),
        ("pooled 128x12x6 5x16", "input", 1 / 4),
    ],
)
def test_what_a_method_saves_is_not_executed(subject, mode, share):
    work = counting.of_single(subject, mode)
    np.testing.assert_allclose(work.executed / work.textbook, share)
