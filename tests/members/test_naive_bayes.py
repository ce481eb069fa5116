"""Naive Bayes as a member tells texts apart by their words."""

import numpy as np
import pandas as pd
import pytest

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.errors import UserError
from rosenblatt.members.base import Rows
from rosenblatt.members.naive_bayes import NaiveBayesMember


def test_texts_are_told_apart_by_their_words():
    rng = np.random.default_rng(0)
    words = [["fire", "flood", "quake", "the", "a"], ["cake", "song", "sun", "the", "a"]]
    labels = np.arange(120) % 2
    texts = [" ".join(rng.choice(words[label], 6)) for label in labels]
    frame = pd.DataFrame({"text": pd.array(texts, dtype="string")})
    fitted = NaiveBayesMember().fit(Rows(frame[:80], Classes(labels[:80], ("yes", "no"))), 1)
    votes = fitted.predict(frame[80:])
    np.testing.assert_allclose(votes.sum(1), 1, rtol=1e-6)
    assert (votes.argmax(1) == labels[80:]).mean() > 0.95


def test_values_are_refused():
    frame = pd.DataFrame({"text": pd.array(["a", "b"], dtype="string")})
    with pytest.raises(UserError, match="naive_bayes answers classes"):
        NaiveBayesMember().suits(frame, Values(np.zeros((2, 1)), ("v",)))
