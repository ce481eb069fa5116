import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import DotProductAttention, MultiHeadAttention
from rosenblatt.tape import Tape, Variable

RNG = np.random.default_rng


def sequences(*shape):
    return RNG(len(shape)).standard_normal(shape).astype(np.float32)


def test_causal_attention_is_a_mask_of_what_came_before():
    x = sequences(2, 5, 6)
    before = np.tri(5, dtype=bool)[None].repeat(2, axis=0)
    causal, masked = DotProductAttention(2, causal=True), DotProductAttention(2)
    np.testing.assert_array_equal(causal(x, x, x), masked(x, x, x, None, before))
    later = x.copy()
    later[:, 3:] += 1
    np.testing.assert_array_equal(causal(later, later, later)[:, :3], causal(x, x, x)[:, :3])


def test_a_mask_of_keys_leaves_them_out():
    x, layer = sequences(2, 4, 6), DotProductAttention(3)
    mask = np.array([[True, True, False, True], [False] * 4])
    seen = x[:1, mask[0]]
    found = layer(x, x, x, None, mask)
    np.testing.assert_allclose(found[:1], layer(x[:1], seen, seen), rtol=1e-5, atol=1e-6)
    assert not found[1].any()
    with Tape() as tape:
        inputs = [Variable(x, needs_gradient=True) for _ in range(3)]
        tape.backward(layer(*inputs, None, mask), np.ones_like(x))
        for one in inputs:
            assert np.isfinite(one.gradient).all()
            assert not one.gradient[1].any()


def test_a_bias_shifts_the_scores_of_its_head():
    x, layer = sequences(1, 3, 4), DotProductAttention(2)
    bias = np.zeros((1, 2, 3, 3), np.float32)
    bias[:, 1, :, 1] = 50  # the second head sees the second step alone
    found = layer(x, x, x, bias)
    np.testing.assert_allclose(found[..., 2:], x[:, 1:2, 2:].repeat(3, 1), rtol=1e-5)
    np.testing.assert_allclose(found[..., :2], layer(x, x, x)[..., :2], rtol=1e-5, atol=1e-6)


def test_many_heads_see_projections_and_train():
    x, memory = sequences(2, 3, 6), sequences(2, 5, 4)
    layer = MultiHeadAttention(2, width=8)
    assert layer.build(((3, 6), (5, 4)), RNG(0)) == (3, 6)
    projected = layer.query(x), layer.key(memory), layer.value(memory)
    expected = layer.output(DotProductAttention(2)(*projected))
    np.testing.assert_array_equal(layer(x, memory), expected)
    with Tape() as tape:
        tape.backward(layer(Variable(x), memory), np.ones_like(x))
        assert all(p.gradient.any() for n, p in layer.parameters().items() if n != "key.bias")
    alone = MultiHeadAttention(3, causal=True)
    assert alone.build((3, 6), RNG(0)) == (3, 6)
    assert alone.describe() == {
        "type": "MultiHeadAttention", "heads": 3, "width": None, "causal": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("layer", "shapes", "words"),
    [
        (DotProductAttention(2), ((3, 5), (4, 5), (4, 2)), "2 equal heads"),
        (DotProductAttention(), ((3, 5), (4, 4), (4, 2)), "does not fit keys"),
        (DotProductAttention(causal=True), ((3, 4), (4, 4), (4, 2)), "3 queries to 4 keys"),
        (DotProductAttention(), ((3, 4), (4, 4), (4, 2), (4,)), "bias of shape"),
        (MultiHeadAttention(1), (3, 4, 5), "sequences"),
    ],
)
def test_what_does_not_fit_is_refused(layer, shapes, words):
    with pytest.raises(UserError, match=words):
        layer.build(shapes, RNG(0))


def test_a_mask_of_other_numbers_or_axes_is_refused():
    x, layer = sequences(1, 3, 4), DotProductAttention()
    for mask in (np.full((1, 3), 0.5), np.ones(3, bool), np.ones((1, 2), bool)):
        with pytest.raises(UserError, match="mask"):
            layer(x, x, x, None, mask)
