"""Support vector machines taught what does not matter, by changing the samples that do."""

from collections.abc import Callable
from typing import Self

import numpy as np

from rosenblatt.classic.inputs import decide, encode_labels
from rosenblatt.classic.svm import SVM
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.gram import Gaussian
from rosenblatt.features.whitening import Centred

Describe = Callable[[np.ndarray], np.ndarray]


class VirtualSVM:
    """Two machines: one on the images, one on them and on changed copies of its support vectors.

    Virtual support vectors (Schoelkopf, Burges & Vapnik 1996; DeCoste & Schoelkopf 2002, section
    2.3): only images near the boundary can move it, so only they are copied. Features are centred
    and scaled to a mean square length of 1, then a Gaussian kernel is taken.

    describe: images [N, H, W, C] to features [N, D]. augmentation: how copies differ. copies: of
    each support vector. views: how many copies of an image to predict are scored, beside itself.
    gamma, cost: as in SVM.

    Learned: classes_ [K], first_ and second_, the two machines.
    """

    def __init__(
        self,
        describe: Describe,
        augmentation: Augmentation,
        copies: int = 8,
        views: int = 8,
        gamma: float = 1.0,
        cost: float = 10.0,
    ) -> None:
        self.describe = describe
        self.augmentation = augmentation
        self.copies = copies
        self.views = views
        self.gamma = gamma
        self.cost = cost

    def fit(self, images: np.ndarray, y: np.ndarray) -> Self:
        """Learn from images [N, H, W, C] and labels y [N] of any kind. Raises as SVM.fit."""
        images, y = np.ascontiguousarray(images, np.float32), np.asarray(y)
        self.classes_, _ = encode_labels(y, len(images))
        plain = np.asarray(self.describe(images), np.float32)
        self._scale = Centred.fit(plain)
        plain = self._scale(plain)
        self.first_ = SVM(Gaussian(self.gamma), cost=self.cost).fit(plain, y)
        near = self.first_.support_
        changed = [self._features(self._changed(images[near], 0, c)) for c in range(self.copies)]
        samples, labels = np.concatenate([plain, *changed]), [y, *[y[near]] * self.copies]
        self.second_ = SVM(Gaussian(self.gamma), cost=self.cost)
        self.second_.fit(samples, np.concatenate(labels))
        return self

    def decision_function(self, images: np.ndarray) -> np.ndarray:
        """Return the mean scores over all views of the images, [M, K] float32, or [M]."""
        images = np.ascontiguousarray(images, np.float32)
        total = self.second_.decision_function(self._features(images))
        for view in range(self.views):
            changed = self._changed(images, 1, view)
            total = total + self.second_.decision_function(self._features(changed))
        return total / np.float32(1 + self.views)

    def predict(self, images: np.ndarray) -> np.ndarray:
        """Return the label of each image."""
        return decide(self.decision_function(images), self.classes_)

    def _changed(self, images: np.ndarray, purpose: int, copy: int) -> np.ndarray:
        return self.augmentation(images, purpose, copy)

    def _features(self, images: np.ndarray) -> np.ndarray:
        return self._scale(self.describe(images))
