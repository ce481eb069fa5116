"""Encoders and decoders: gradients through all of it, padding, and steps against sequences."""

import numpy as np
import pytest

from rosenblatt.layers import Attention
from rosenblatt.models.language import LanguageModel, windows
from rosenblatt.models.translator import AttentionTranslator, Decoder, Encoder, EncoderDecoder
from rosenblatt.tape import Tape
from rosenblatt.train.losses import cross_entropy
from tests.gradients import assert_gradient

SOURCE = np.array([[1, 2, 0], [2, 1, 2]])
MASK = np.array([[True, True, False], [True, True, True]])
TARGET = np.array([[3, 1, 2], [3, 0, 1]])
WANTED = np.array([[1, 2, -1], [0, 1, 2]])

MODELS = {
    "state": lambda: EncoderDecoder(Encoder(3, 2, 2), Decoder(4, 2, 2)),
    "attention": lambda: AttentionTranslator((3, 4), 2, 2),
}
models = pytest.mark.parametrize("name", MODELS)


def made(name, dtype):
    model = MODELS[name]()
    model.build((3,), np.random.default_rng(0))
    return model.cast(dtype)


def gradients(model, source, mask):
    with Tape() as tape:
        output = model(source, mask, TARGET)
        tape.backward(output, cross_entropy(output.value, WANTED, ignored=-1)[1])
        return {name: p.gradient.copy() for name, p in model.parameters().items()}


@models
def test_gradients_equal_central_differences(name):
    model = made(name, np.float64)
    found = gradients(model, SOURCE, MASK)

    def loss():
        return cross_entropy(model(SOURCE, MASK, TARGET), WANTED, ignored=-1)[0]

    for parameter, gradient in zip(model.parameters().values(), found.values(), strict=True):
        assert_gradient(loss, parameter.value, gradient)


@models
def test_padding_does_not_change_a_bit(name):
    model = made(name, np.float32)
    longer = np.concatenate([SOURCE, np.ones((2, 4), np.int64)], axis=1)
    more = np.concatenate([MASK, np.zeros((2, 4), np.bool_)], axis=1)
    expected = model(SOURCE, MASK, TARGET).copy()
    np.testing.assert_array_equal(model(longer, more, TARGET), expected)


@models
def test_steps_one_by_one_equal_teacher_forcing(name):
    model = made(name, np.float32)
    logits = model(SOURCE, MASK, TARGET)
    state = model.start(SOURCE, MASK)
    for t in range(3):
        one, state = model.step(TARGET[:, t], state)
        np.testing.assert_allclose(one, logits[:, t], rtol=0, atol=1e-6)


def test_attention_is_the_softmax_of_the_fits():
    rng = np.random.default_rng(0)
    query, keys, values = rng.random((2, 5)), rng.random((2, 3, 5)), rng.random((2, 3, 4))
    layer = Attention()
    layer.build(((5,), (3, 5), (3, 4)), rng)
    layer.cast(np.float64)
    energy = np.tanh(query[:, None] + keys) @ layer.score.value
    shares = np.where(MASK, np.exp(energy), 0)
    shares /= shares.sum(axis=1, keepdims=True)
    found, given, _ = layer.shares(query, keys, values, MASK)
    np.testing.assert_allclose(given, shares, rtol=1e-12)
    np.testing.assert_allclose(found, np.einsum("nt,ntd->nd", shares, values), rtol=1e-12)


def test_windows_with_carried_state_read_like_one_text():
    model = LanguageModel(5, 3, 4, depth=2)
    model.build((6,), np.random.default_rng(0))
    text = np.random.default_rng(1).integers(0, 5, 25)
    (inputs, _), (later, _) = list(windows(text, 2, 6))
    whole = model(np.concatenate([inputs, later], axis=1))
    with Tape(train=False):
        model(inputs)
        states = model.carried
    np.testing.assert_allclose(model(later, states), whole[:, 6:], rtol=0, atol=1e-6)
    state = None
    for t in range(6):
        one, state = model.step(inputs[:, t], state)
        np.testing.assert_allclose(one, whole[:, t], rtol=0, atol=1e-6)


def test_the_loss_of_a_text_is_its_mean_surprise():
    model = LanguageModel(5, 3, 4)
    model.build((6,), np.random.default_rng(0))
    text = np.random.default_rng(1).integers(0, 5, 30)
    expected, _ = cross_entropy(model(text[None, :-1]).astype(np.float64), text[None, 1:])
    assert model.loss(text) == pytest.approx(expected, rel=1e-5)
