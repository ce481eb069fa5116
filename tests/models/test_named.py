"""LeNet-5, AlexNet and VGG-19 have the shapes and the numbers of parameters of their papers."""

import numpy as np
import pytest

from rosenblatt.layers import Concat, Convolution, Dense, MaxPooling
from rosenblatt.models.named import NETWORKS, lenet5
from rosenblatt.train import Network


def built(name):
    """Return [(layer, output shape, parameters)]; weights are zeros, of which none is touched."""
    make, shape = NETWORKS[name]
    rows = []
    for layer in make():
        shape = layer.build(shape, None)
        rows.append((layer, shape, sum(p.value.size for p in layer.parameters().values())))
    return rows


def test_lenet5_is_that_of_1998():
    rows = built("lenet5")
    counts = [count for _, _, count in rows if count]
    assert counts == [156, 12, 1516, 32, 48120, 10164, 850]  # C1, S2, C3, S4, C5, F6; the output
    assert sum(counts[:-1]) == 60_000
    shapes = [shape for _, shape, count in rows if count]
    assert shapes[:5] == [(28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (1, 1, 120)]


large = pytest.mark.parametrize(
    ("name", "total"), [("alexnet", 60_965_224), ("vgg19", 143_667_240)]
)


@large
def test_the_large_networks_have_the_papers_parameters(name, total):
    rows = built(name)
    assert sum(count for _, _, count in rows) == total
    assert rows[-1][1] == (1000,)


@large
def test_the_summary_of_a_large_network_ends_with_the_papers_total(name, total):
    make, shape = NETWORKS[name]
    *_, totals, _ = Network(make(), shape).summary().splitlines()
    assert totals.split()[:2] == ["total", f"{total:,}"]


def test_alexnet_has_the_papers_shapes():
    shapes = [s for layer, s, _ in built("alexnet") if isinstance(layer, Convolution | Concat)]
    assert shapes == [(55, 55, 96), (27, 27, 256), (13, 13, 384), (13, 13, 384), (13, 13, 256)]
    counts = [n for layer, _, n in built("alexnet") if isinstance(layer, Dense)]
    assert counts == [37_752_832, 16_781_312, 4_097_000]


def test_vgg19_halves_the_map_five_times():
    shapes = [s for layer, s, _ in built("vgg19") if isinstance(layer, MaxPooling)]
    assert shapes == [(112, 112, 64), (56, 56, 128), (28, 28, 256), (14, 14, 512), (7, 7, 512)]


def test_a_narrow_one_runs_and_is_described():
    network = Network(lenet5(3, width=0.5), (32, 32, 1))
    x = np.random.default_rng(0).random((2, 32, 32, 1)).astype(np.float32)
    assert network.predict_proba(x).shape == (2, 3)
    assert "receptive field" in network.summary()
