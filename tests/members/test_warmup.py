"""Warming up: every layer of a network gets its kernels, each type in one process, only once."""

import pytest

from rosenblatt.layers import Dense, Flatten, Layer, Module
from rosenblatt.layers.base import MODULES
from rosenblatt.members import warmup
from rosenblatt.members.network import NetworkMember
from rosenblatt.train import Network

SHAPE, CLASSES = (8, 8, 1), 3
SMALL = {"blocks": ((4, 4), (4,)), "dense": 5, "epochs": 7, "count": 3}
MEMBERS = [
    NetworkMember(**SMALL, batch_normalisation=True),
    NetworkMember(**SMALL, architecture="residual"),
    NetworkMember(**SMALL, architecture="dense"),
]


def leaves(module: Module) -> list[str]:
    """Return the type of each layer, those inside of others included."""
    if isinstance(module, Layer):
        return [type(module).__name__]
    return [name for _, child in module.children() if isinstance(child, Module)
            for name in leaves(child)]  # fmt: skip


@pytest.fixture
def called(monkeypatch):
    """Return which layers ran forward and back: {way: {id: type}}."""
    found: dict[str, dict[int, str]] = {"forward": {}, "backward": {}}

    def noted(way, function):
        def call(layer, *arguments, **keywords):
            found[way][id(layer)] = type(layer).__name__
            return function(layer, *arguments, **keywords)

        return call

    for type_ in MODULES.values():
        for way in found if hasattr(type_, "forward") else ():
            monkeypatch.setattr(type_, way, noted(way, getattr(type_, way)))
    return found


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.architecture)
def test_the_parts_together_are_the_network_and_no_type_is_in_two(member):
    network = Network(member.layers(CLASSES), SHAPE)
    found = warmup.parts(network)
    names = [name for part in found for name in part]
    assert found[0] == ("Convolution",)  # has most to compile, so it begins
    assert () in found
    assert len(names) == len(set(names))
    assert set(names) | set(warmup.STEP) == set(leaves(network)) | set(warmup.STEP)


def test_a_network_of_dense_layers_has_a_step_alone():
    assert warmup.parts(Network([Flatten(), Dense(CLASSES)], SHAPE)) == [()]


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.architecture)
def test_a_part_runs_all_its_layers_forward_and_back_and_no_other(member, called):
    network = Network(member.layers(CLASSES), SHAPE)
    for part in warmup.parts(network):
        if part:
            wanted = sorted(name for name in leaves(network) if name in part)
            called["forward"].clear()
            called["backward"].clear()
            warmup.play(network, part)
            assert sorted(called["forward"].values()) == wanted
            assert sorted(called["backward"].values()) == wanted


def test_a_network_is_warmed_up_once(monkeypatch, tmp_path):
    monkeypatch.setattr(warmup, "cache_folder", lambda: tmp_path)
    monkeypatch.setattr(warmup, "JIT_DISABLED", False)
    asked = []
    monkeypatch.setattr(warmup, "run", lambda f, shared, tasks, threads, done: asked.append(tasks))
    for threads in (1, 2, 2):
        warmup.warm_up(MEMBERS[:2], SHAPE, CLASSES, threads)
    first, second = asked  # with one thread there is nothing to share out
    assert {task[0].epochs for task in first} == {1}
    assert len({task[0].architecture for task in first}) == 2
    assert second == []


def test_a_step_of_the_warmup_runs_what_all_networks_share(called):
    member = NetworkMember(**SMALL | {"epochs": 1}, optimiser="adam", label_smoothing=0.1)
    warmup.play_step(member, SHAPE, CLASSES)
    assert list(called["backward"].values()) == ["Dense"]
