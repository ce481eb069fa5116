"""Support vector machines taught what does not matter, by changing the samples that do."""

from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np

from rosenblatt.arrays import check_count, check_images, check_vectors
from rosenblatt.classic.inputs import check_fitted, decide, encode_labels
from rosenblatt.classic.svm import SVM
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.gram import Gaussian
from rosenblatt.features.whitening import Centred
from rosenblatt.ranges import POSITIVE, Kind, Whole, check_settings

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

    settings: ClassVar = {
        "describe": Kind(Callable, "a function from images to features"),
        "augmentation": Kind(Augmentation, "an Augmentation"),
        "copies": Whole(0, 1000),
        "views": Whole(0, 1000),
        "gamma": POSITIVE,
        "cost": POSITIVE,
    }

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
        """Learn from images [N, H, W, C] and labels y [N] of any kind.

        Raises UserError as check_settings, check_images and SVM.fit.
        """
        check_settings(self)
        images = check_images(images)
        classes, y = encode_labels(y, len(images))
        vars(self).pop("second_", None)
        self.classes_, self._shape = classes, images.shape[1:]
        plain = check_vectors(self.describe(images), "descriptions")
        check_count(plain, len(images), "descriptions", "images")
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
        check_fitted(self, "second_")
        images = check_images(images, shape=self._shape)
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
