"""Texts: what is read, and one clear message for each fault."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.data.corpus import (
    Vocabulary,
    batches_by_length,
    padded,
    read_parallel,
    read_text,
    words,
)
from rosenblatt.errors import UserError


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "is empty"), (b" \n", "no text"), (b"one\nca\xe9\n", "row 2: byte 0xe9 is not UTF-8")],
)
def test_a_bad_text_is_named(tmp_path, content, message):
    (tmp_path / "text.txt").write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_text(tmp_path / "text.txt")


def test_a_damaged_archive_is_named(tmp_path):
    (tmp_path / "text.gz").write_bytes(gzip.compress(b"hello" * 100)[:-9])
    with pytest.raises(UserError, match="damaged"):
        read_text(tmp_path / "text.gz")


def test_a_corpus_has_two_files_of_equal_length(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n", "utf-8")
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"un\ndeux\n"))
    assert read_parallel(tmp_path / "a.txt", tmp_path / "b.gz") == [("one", "un"), ("two", "deux")]
    (tmp_path / "a.txt").write_text("one\n", "utf-8")
    with pytest.raises(UserError, match=r"has 1 lines and .* 2"):
        read_parallel(tmp_path / "a.txt", tmp_path / "b.gz")


def test_words_are_small_and_signs_apart():
    assert words("L'homme, 1,5 m - là-bas!") == [
        "l'",
        "homme",
        ",",
        "1",
        ",",
        "5",
        "m",
        "-",
        "là-bas",
        "!",
    ]


def test_a_vocabulary_knows_what_is_frequent():
    vocabulary = Vocabulary.of([["b", "a"], ["b", "c", "a", "b"]], 2, "<unknown>", "<stop>")
    assert vocabulary.symbols == ["<unknown>", "<stop>", "b", "a"]
    assert vocabulary.encode(["a", "c"]).tolist() == [3, 0]
    assert vocabulary.decode([2, 1]) == ["b", "<stop>"]


def test_an_unknown_character_is_named():
    with pytest.raises(UserError, match="'é' is not one of the 2 symbols"):
        Vocabulary("ab").encode("aé")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(1, 7))
def test_batches_hold_each_sequence_once(lengths, size):
    batches = list(batches_by_length(np.array(lengths), size, np.random.default_rng(0), pool=3))
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert max(map(len, batches)) <= size
    rows = batches[0]
    numbers, mask = padded([np.full(lengths[i], 7) for i in rows], -1)
    assert mask.sum(axis=1).tolist() == [lengths[i] for i in rows]
    assert ((numbers == 7) == mask).all()
