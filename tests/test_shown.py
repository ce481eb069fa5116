"""What a thing shows of itself: the call that makes it, and a table with nothing live in it."""

import html.parser

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.evaluation import Evaluation
from rosenblatt.challenge.target import Classes
from rosenblatt.shown import as_curve

NAME = "<script>alert(1)</script>"


def challenge():
    return Challenge(
        name=NAME, kind="numbers", train=np.zeros((4, 2), np.float32),
        target=Classes(np.arange(4) % 2, ("a", NAME)), test=np.zeros((3, 2), np.float32),
        test_ids=("1", "2", "3"), id_column="Id", label_column="y", digest="",
    )  # fmt: skip


def fitted():
    x = np.random.default_rng(0).random((20, 3), np.float32)
    network = rb.Network([rb.Dense(4, "relu"), rb.Dense(2)], (3,))
    return network.fit(x, np.arange(20) % 2, rb.Plan(epochs=3, batch_size=10))


THINGS = {
    "layer": lambda: rb.Convolution(8, 3, padding="same"),
    "network": fitted,
    "estimator": lambda: rb.SVM(cost=2.0),
    "challenge": challenge,
    "evaluation": lambda: Evaluation(
        [NAME], np.zeros((1, 1, 4, 2)), np.zeros((1, 4, 2)), np.zeros((1, 4), int)
    ),
}


class _Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.seen.add(tag)


@pytest.mark.parametrize("name", THINGS)
def test_a_small_table(name):
    thing = THINGS[name]()
    parser = _Tags()
    parser.feed(thing._repr_html_())
    assert not parser.open
    assert {"b", "table", "tr", "td"} <= parser.seen
    assert parser.seen <= {"b", "table", "tr", "td", "svg", "polyline", "div"}
    assert len(repr(thing)) < 400


def test_a_repr_is_the_call_that_makes_it():
    layer = rb.Convolution(8, 3, padding="same")
    assert repr(layer) == "Convolution(filters=8, kernel_size=3, padding='same')"
    assert repr(eval(repr(layer), vars(rb.layers))) == repr(layer)
    nested = rb.Residual([rb.Dense(4), rb.ReLU()])
    assert "Dense(units=4)" in repr(nested)
    assert repr(fitted()).startswith("Network(layers=")


def test_a_network_shows_its_layers_and_its_losses():
    network = fitted()
    shown = network._repr_html_()
    assert "<polyline" in shown
    assert shown.count("Dense") == 2
    assert f"{network.history[-1]['loss']:.4g}" in shown


def test_curves():
    assert as_curve([1.0]) == ""
    assert 'points="0.0,0.0 240.0,60.0"' in as_curve([2.0, 1.0])
    assert "nan" not in as_curve([1.0, 1.0])
