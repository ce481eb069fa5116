"""Networks of a recipe: trained as their table says, and asked for their votes."""

from functools import partial
from typing import Any

import numpy as np

from rosenblatt.challenge.network_member import NetworkMember
from rosenblatt.layers import Module
from rosenblatt.models.convolutional import convolutional
from rosenblatt.models.densenet import densenet
from rosenblatt.models.residual import residual
from rosenblatt.train import (
    SGD,
    Adam,
    Callback,
    Constant,
    Cosine,
    Cycles,
    Exponential,
    Mixup,
    Network,
    OneCycle,
    Optimiser,
    Plan,
    Schedule,
    Snapshots,
    Step,
    Stochastic,
    WarmUp,
)
from rosenblatt.train.losses import cross_entropy

VIEWS = 1 << 40  # as a step, for the draws of changed copies: no training gets so far
SCHEDULES = {"constant": Constant, "step": Step, "cosine": Cosine, "one_cycle": OneCycle}
Data = tuple[np.ndarray, np.ndarray]


def network_votes(
    member: NetworkMember,
    seed: int,
    data: Data,
    test: np.ndarray,
    classes: int,
    callbacks: tuple[Callback, ...] = (),
) -> tuple[np.ndarray, Network]:
    """Train one network; return its votes, the probabilities for test [M, H, W, C], and itself.

    The votes of snapshots are the mean of theirs.
    """
    snapshots = Snapshots(member.snapshots)
    before = (snapshots,) if member.snapshots > 1 else ()
    network = train_network(member, seed, data, classes, (*before, *callbacks))
    if not before:
        return _views(member, seed, network, test), network
    total = np.zeros((len(test), classes), np.float32)
    for weights in snapshots.kept:
        network.load_state(weights)
        total += _views(member, seed, network, test)
    return total / np.float32(len(snapshots.kept)), network


def _views(member: NetworkMember, seed: int, network: Network, test: np.ndarray) -> np.ndarray:
    """Return a network's mean probabilities over each image and changed copies of it."""
    total = network.predict_proba(test)
    if member.augmentation is None:
        return total
    for view in range(1, member.views):
        total += network.predict_proba(member.augmentation(test, seed, VIEWS + view))
    return total / np.float32(member.views)


def train_network(
    member: NetworkMember,
    seed: int,
    data: Data,
    classes: int,
    callbacks: tuple[Callback, ...] = (),
) -> Network:
    """Train one network of a recipe on data = (images [N, H, W, C], labels [N])."""
    network = Network(layers(member, classes), data[0].shape[1:], seed=seed)
    return network.fit(*data, plan(member, seed, data[1], classes, callbacks))


def layers(member: NetworkMember, classes: int) -> list[Module]:
    """Return the layers of a member's architecture."""
    sizes: dict[str, Any] = {
        "kernel_size": member.kernel_size,
        "dense": member.dense,
        "dropout": member.dropout,
    }
    if member.architecture == "residual":
        return residual(member.blocks, classes, **sizes)
    if member.architecture == "dense":
        return densenet(member.blocks, classes, **sizes)
    return convolutional(
        member.blocks,
        classes,
        batch_normalisation=member.batch_normalisation,
        global_pooling=member.global_pooling,
        **sizes,
    )


def plan(
    member: NetworkMember,
    seed: int,
    labels: np.ndarray,
    classes: int,
    callbacks: tuple[Callback, ...] = (),
) -> Plan:
    """Return how a member is trained on labels [N]."""
    averages = {
        "none": None,
        "exponential": Exponential(member.averaging_decay),
        "stochastic": Stochastic(member.averaging_start),
    }
    weights = balanced(labels, classes) if member.class_weights == "balanced" else None
    return Plan(
        epochs=member.epochs,
        batch_size=member.batch_size,
        optimiser=_optimiser(member),
        schedule=_schedule(member),
        loss=partial(cross_entropy, label_smoothing=member.label_smoothing, class_weights=weights),
        augment=member.augmentation,
        mixup=Mixup(member.mixup) if member.mixup else None,
        clip_norm=member.clip_norm or None,
        average=averages[member.averaging],
        seed=seed,
        callbacks=callbacks,
    )


def balanced(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return weights [classes] that make each class count alike: N / (K n_k), 0 where n_k is."""
    counts = np.bincount(labels, minlength=classes)
    present = int((counts > 0).sum())
    return np.where(counts > 0, len(labels) / (present * np.maximum(counts, 1)), 0.0)


def _optimiser(member: NetworkMember) -> Optimiser:
    if member.optimiser == "adam":
        return Adam(weight_decay=member.decay)
    return SGD(member.momentum, member.nesterov, member.decay)


def _schedule(member: NetworkMember) -> Schedule:
    schedule: Schedule = SCHEDULES[member.schedule](member.rate)
    if member.snapshots > 1:
        schedule = Cycles(schedule, member.snapshots)
    return WarmUp(schedule, member.warm_up) if member.warm_up else schedule
