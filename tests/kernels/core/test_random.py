"""Philox against its authors' vectors, and the numbers made of it against their distributions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core import random

# Random123 1.14, tests/kat_vectors: counter, key (low word first), the words that follow.
KNOWN = [
    ("00000000 " * 4, "00000000 " * 2, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff " * 4, "ffffffff " * 2, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter, key, expected):
    def words(text):
        return tuple(int(word, 16) for word in text.split())

    low, high = words(key)
    found = random.bits(np.uint64(low + (high << 32)), *words(counter))
    assert tuple(int(word) for word in found) == words(expected)


def chi_square(values, cells, low, high):
    counts = np.histogram(values, cells, (low, high))[0]
    expected = len(values) / cells
    return ((counts - expected) ** 2).sum() / expected


def test_uniform_numbers_are_uniform():
    values = np.empty(4003, np.float32)
    random.fill_uniform(np.uint64(7), 1, 2, 3, values)
    assert values.min() >= 0
    assert values.max() < 1
    np.testing.assert_array_equal(values * 2**24 % 1, 0)  # exact multiples
    # 63 degrees of freedom: mean 63, standard deviation 11.2.
    assert abs(chi_square(values, 64, 0, 1) - 63) < 4 * 11.2
    pairs = values[:4000].reshape(-1, 2)
    grid = np.histogram2d(*pairs.T, bins=8, range=((0, 1), (0, 1)))[0]
    assert abs(((grid - 31.25) ** 2).sum() / 31.25 - 63) < 4 * 11.2


def test_normal_numbers_are_normal():
    values = np.empty(4003)
    random.fill_normal(np.uint64(7), 1, 2, 3, values)
    share = np.array([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in values])
    assert abs(chi_square(share, 64, 0, 1) - 63) < 4 * 11.2
    assert abs(np.corrcoef(values[:-1:2], values[1::2])[0, 1]) < 4 / math.sqrt(2000)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**64 - 1), st.tuples(*[st.integers(0, 2**32 - 1)] * 3), st.integers(0, 9))
def test_a_number_depends_on_its_place_alone(key, counter, size):
    whole, part = np.empty(12, np.float32), np.empty(size, np.float32)
    random.fill_uniform(np.uint64(key), *counter, whole)
    random.fill_uniform(np.uint64(key), *counter, part)
    np.testing.assert_array_equal(part, whole[:size])
    for block in (2, 0, 1):
        word = int(random.bits(np.uint64(key), *counter, block)[0])
        assert whole[4 * block] == (word >> 8) / 2**24
        assert random.uniform(np.uint64(key), *counter, block) == word / 2**32
    normals = np.empty(12)
    random.fill_normal(np.uint64(key), *counter, normals)
    first, second = map(int, random.bits(np.uint64(key), *counter, 2)[:2])
    radius = math.sqrt(-2 * math.log((first + 0.5) / 2**32))
    expected = radius * math.cos(2 * math.pi * second / 2**32)
    assert normals[8] == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_neighbouring_keys_and_counters_are_unrelated():
    def row(key, *counter):
        values = np.empty(1000, np.float32)
        random.fill_uniform(np.uint64(key), *counter, values)
        return values

    rows = [row(0, 0, 0, 0), row(1, 0, 0, 0), row(0, 1, 0, 0), row(0, 0, 1, 0), row(0, 0, 0, 1)]
    correlation = np.corrcoef(rows) - np.eye(5)
    assert np.abs(correlation).max() < 4 / math.sqrt(1000)
