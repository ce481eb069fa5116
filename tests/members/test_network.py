"""The networks that a recipe can ask for: shapes and sizes by hand, and that each can learn."""

import numpy as np
import pytest

from rosenblatt.challenge.target import Classes
from rosenblatt.errors import UserError
from rosenblatt.members import Rows
from rosenblatt.members.network import NetworkMember, _held_out, balanced
from rosenblatt.train import Network

SMALL = {"blocks": ((3,), (4,)), "dense": 0, "dropout": 0.0}


def sizes(**settings):
    network = Network(NetworkMember(**SMALL | settings).layers(3), (8, 8, 1))
    return {name: parameter.value.size for name, parameter in network.parameters().items()}


def test_a_residual_network_has_the_parameters_of_the_paper():
    found = sizes(architecture="residual")
    assert sum(found.values()) == (
        (9 * 3 + 3 + 6)  # first convolution, its bias, scale and shift
        + 2 * (9 * 3 * 3 + 3 + 6)  # a unit of equal widths: a shortcut without weights
        + (9 * 3 * 4 + 4 + 8)
        + (9 * 4 * 4 + 4 + 8)
        + (3 * 4 + 4 + 8)  # 1 x 1, from 3 channels to 4
        + (4 * 3 + 3)
    )


def test_a_densely_joined_network_has_the_parameters_of_the_paper():
    found = sizes(architecture="dense")
    assert sum(found.values()) == (
        (9 * 6 + 6)  # twice the growth
        + (12 + 9 * 6 * 3 + 3)  # 6 channels seen, 3 added
        + (18 + 9 * 4 + 4)  # 9 halved to 4
        + (8 + 9 * 4 * 4 + 4)  # 4 added
        + 16
        + (8 * 3 + 3)
    )


@pytest.mark.parametrize("architecture", ["plain", "residual", "dense"])
def test_each_kind_learns(architecture):
    rng = np.random.default_rng(0)
    labels = np.arange(48) % 3
    images = rng.random((48, 8, 8, 1), np.float32)
    for image, label in zip(images, labels, strict=True):
        image[:, :4] += label  # a mean over the image tells the classes apart
    settings = {"batch_normalisation": True, "global_pooling": True, "epochs": 16}
    options = {"warm_up": 0.1, "clip_norm": 5.0, "mixup": 0.1, "snapshots": 2}
    member = NetworkMember(
        architecture=architecture, **SMALL | settings, batch_size=8, rate=0.1, **options
    )
    samples = images.transpose(0, 3, 1, 2)
    fitted = member.fit(Rows(samples, Classes(labels, ("a", "b", "c"))), 1)
    network, votes = fitted.network, fitted.predict(samples)
    assert network.output_shape == (3,)
    np.testing.assert_allclose(votes.sum(1), 1, rtol=1e-5)
    assert (votes.argmax(1) == labels).mean() > 0.8
    assert not np.array_equal(
        votes, network.predict_proba(fitted.scaling(samples))
    )  # those of the last snapshot


def test_balanced_weights_make_classes_count_alike():
    weights = balanced(np.array([0, 0, 0, 2]), 3)
    np.testing.assert_allclose(weights * [3, 0, 1], [2, 0, 2])


def test_patience_ends_a_training_and_keeps_the_best_epoch():
    rng = np.random.default_rng(0)
    samples, labels = rng.random((60, 1, 8, 8), np.float32), rng.integers(0, 3, 60)  # pure noise
    units = []
    member = NetworkMember(**SMALL, epochs=40, batch_size=8, patience=2)
    fitted = member.fit(Rows(samples, Classes(labels, ("a", "b", "c"))), 1, units.append)
    history = fitted.history
    scores = [(row["validation_metric"], -row["validation_loss"]) for row in history]
    assert len(history) == scores.index(max(scores)) + 1 + 2 < 40
    assert sum(units) == 40  # a bar reaches its end
    held = _held_out(60, 1)
    assert held.sum() == 6
    images = fitted.scaling(samples)
    assert fitted.network.score(images[held], labels[held]) == max(scores)[0]
    with pytest.raises(UserError, match="exclude averaging and patience"):
        NetworkMember(patience=2, snapshots=2)
