"""Support vector machines taught what does not matter, by changing the samples that do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_count, check_images, check_vectors
from rosenblatt.classic.base import Classifier
from rosenblatt.classic.svm import SVM
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.gram import Gaussian
from rosenblatt.features.whitening import Centred
from rosenblatt.ranges import POSITIVE, Kind, Whole

Describe = Callable[[np.ndarray], np.ndarray]


@dataclass(eq=False)
class VirtualSVM(Classifier):
    """Two machines: one on the images, one on them and on changed copies of its support vectors.

    Virtual support vectors (Schoelkopf, Burges & Vapnik 1996; DeCoste & Schoelkopf 2002, section
    2.3): only images near the boundary can move it, so only they are copied. Features are centred
    and scaled to a mean square length of 1, then a Gaussian kernel is taken.

    describe: images [N, H, W, C] to features [N, D]. augmentation: how copies differ. copies: of
    each support vector. views: how many copies of an image to predict are scored, beside itself.
    gamma, cost: as in SVM.

    Learned: classes_ [K], first_ and second_, the two machines.
    """

    describe: Describe
    augmentation: Augmentation
    copies: int = 8
    views: int = 8
    gamma: float = 1.0
    cost: float = 10.0

    settings: ClassVar = {
        "describe": Kind(Callable, "a function from images to features"),
        "augmentation": Kind(Augmentation, "an Augmentation"),
        "copies": Whole(0, 1000),
        "views": Whole(0, 1000),
        "gamma": POSITIVE,
        "cost": POSITIVE,
    }

    def _checked(self, x: np.ndarray) -> np.ndarray:
        return check_images(x)

    def _rows(self, x: np.ndarray) -> np.ndarray:
        return check_images(x, shape=self.shape_)

    def _fit(self, images: np.ndarray, y: np.ndarray) -> None:
        self.shape_ = images.shape[1:]
        plain = check_vectors(self.describe(images), "descriptions")
        check_count(plain, len(images), "descriptions", "images")
        self.scale_ = Centred.fit(plain)
        plain = self.scale_(plain)
        self.first_ = SVM(Gaussian(self.gamma), cost=self.cost).fit(plain, y)
        near = self.first_.support_
        changed = [
            self._features(self.augmentation(images[near], 0, c)) for c in range(self.copies)
        ]
        samples, labels = np.concatenate([plain, *changed]), [y, *[y[near]] * self.copies]
        self.second_ = SVM(Gaussian(self.gamma), cost=self.cost)
        self.second_.fit(samples, np.concatenate(labels))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the mean scores over all views of images X [M, H, W, C], [M, K] float32, or [M].

        Raises UserError before fit, for images of another shape, or as check_images.
        """
        images = self._asked(X)
        total = self.second_.decision_function(self._features(images))
        for view in range(self.views):
            changed = self.augmentation(images, 1, view)
            total = total + self.second_.decision_function(self._features(changed))
        return total / np.float32(1 + self.views)

    def _features(self, images: np.ndarray) -> np.ndarray:
        return self.scale_(self.describe(images))
