"""Naive Bayes as a member: for words, and for all that counts."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.challenge.target import Classes, Target, classes_of
from rosenblatt.classic.naive_bayes import NaiveBayes
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.features.tables.levels import Choices, OneHot
from rosenblatt.features.tables.words import Words
from rosenblatt.members.estimators import EstimatorMember, Given


@dataclass(frozen=True)
class NaiveBayesMember(EstimatorMember):
    """Multinomial naive Bayes. What features make of a table must be from 0 on."""

    kind: str = "naive_bayes"
    features: tuple[ColumnFeature, ...] = (Words(buckets=4096), OneHot(), Choices())
    smoothing: float = 1.0

    answers: ClassVar = (Classes,)
    settings: ClassVar = {"smoothing": NaiveBayes.settings["smoothing"]}

    def learn(
        self,
        x: np.ndarray,
        target: Target,
        given: Given,
        seed: int,
    ) -> Any:
        return NaiveBayes(self.smoothing).fit(x, classes_of(target).labels, given.weights)
