"""Overrides change what they name, and nothing else."""

import dataclasses

import pytest

from rosenblatt.challenge.overrides import override
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.members.kernel_perceptron import KernelPerceptronMember
from rosenblatt.members.network import NetworkMember

RECIPE = Recipe(
    "r",
    members=(NetworkMember(count=2), NetworkMember(rate=0.1), KernelPerceptronMember()),
)


def test_nothing_named_nothing_changed():
    assert override(RECIPE, []) is RECIPE
    assert override(RECIPE, ["seed=1"]) == RECIPE


def test_each_kind_of_key():
    changed = override(
        RECIPE,
        [
            "seed = 7",
            "features.scale=standardise",
            "network.epochs=3",
            "network.blocks=[[4], [8, 8]]",
            "network.augmentation.shift=1",
            "kernel_perceptron.kernel='polynomial'",
        ],
    )
    network = dataclasses.replace(
        RECIPE.members[0],
        epochs=3,
        blocks=((4,), (8, 8)),
        augmentation=Augmentation(shift=1.0),
    )
    assert changed.seed == 7
    assert changed.features.scale == "standardise"
    assert changed.members[0] == network
    assert changed.members[1] == dataclasses.replace(network, count=1, rate=0.1)
    assert changed.members[2] == KernelPerceptronMember(kernel="polynomial")
    assert RECIPE.members[0].epochs == NetworkMember().epochs


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("network.epoch=3", "did you mean epochs"),
        ("networks.epochs=3", "did you mean network"),
        ("sed=3", "did you mean seed"),
        ("network.epochs=many", "must be a whole number"),
        ("network.schedule=steep", "must be one of"),
        ("network.epochs.x.y=1", "epochs has no settings of its own"),
        ("seed.x=1", "no settings of its own"),
        ("network.epochs", "write it as KEY=VALUE"),
        ("=3", "write it as KEY=VALUE"),
        ("a\nb=3", "--set"),
    ],
)
def test_mistakes(setting, words):
    with pytest.raises(UserError, match=words):
        override(RECIPE, [setting])


def test_a_kind_that_is_not_there():
    with pytest.raises(UserError, match="no member of kind kernel_perceptron"):
        override(Recipe(members=(NetworkMember(),)), ["kernel_perceptron.gamma=1"])
