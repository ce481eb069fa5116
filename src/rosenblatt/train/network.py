"""A network for use: built for one input shape, it fits, predicts, scores, saves and loads."""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.softmax import softmax
from rosenblatt.layers import Module
from rosenblatt.layers.compose import Layers, chain
from rosenblatt.tape import Arena
from rosenblatt.train import store
from rosenblatt.train.fit import fit
from rosenblatt.train.plan import Plan
from rosenblatt.train.summary import summary

BATCH = 256  # rows predicted at a time


class Network(Module):
    """Layers, built for inputs of `input_shape`, whose weights come from `seed`.

    layers is a list, or a module. classes names the labels in the order of the outputs; without
    it labels are 0, 1 ... The last layer gives logits: the softmax belongs to loss and prediction.
    Without a seed (None) the weights are zeros, to be loaded.
    """

    def __init__(
        self,
        layers: Layers,
        input_shape: tuple[int, ...],
        classes: Any = None,
        seed: int | None = 0,
    ) -> None:
        self.layers = chain(layers)
        self.input_shape = tuple(input_shape)
        self.classes = None if classes is None else np.asarray(classes).tolist()
        self.seed = seed
        self.arena = Arena()
        self.history: list[dict[str, Any]] = []
        rng = None if seed is None else np.random.default_rng(seed)
        self.output_shape = self.layers.build(self.input_shape, rng)
        if self.classes is not None and self.output_shape[-1] != len(self.classes):
            raise ValueError(
                f"the network has {self.output_shape[-1]} outputs for {len(self.classes)} classes"
            )

    def __call__(self, x: Any) -> Any:
        return self.layers(x)

    @property
    def dtype(self) -> np.dtype:
        """Return the floating type of the weights, float32 unless cast."""
        return next((p.value.dtype for _, p in self.walk()), np.dtype(np.float32))

    def prepare(self, x: np.ndarray) -> np.ndarray:
        """Return inputs as C-contiguous numbers of the network's type; a copy only where needed."""
        return np.ascontiguousarray(x, self.dtype)

    def encode(self, labels: np.ndarray) -> np.ndarray:
        """Return labels as indices of outputs. Raises UserError for an unknown label."""
        if self.classes is None:
            return np.asarray(labels)
        index = {label: i for i, label in enumerate(self.classes)}
        try:
            return np.array([index[label] for label in np.asarray(labels).tolist()], np.int64)
        except KeyError as error:
            raise UserError(
                f"the label {error} is none of the network's classes {self.classes}"
            ) from None

    def fit(
        self,
        x: np.ndarray,
        y: np.ndarray,
        plan: Plan | None = None,
        validation: tuple[np.ndarray, np.ndarray] | None = None,
    ) -> "Network":
        """Train on inputs x [N, *input_shape] and labels or targets y [N, ...]; return self.

        See fit.fit; the rows of its history are kept in `history`.
        """
        self._check(x)
        if validation is not None:
            self._check(validation[0])
            validation = validation[0], self.encode(validation[1])
        self.history = fit(self, (x, self.encode(y)), plan or Plan(), validation).history
        return self

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """Return the last layer's outputs for x [N, *input_shape], computed in batches."""
        self._check(x)
        result = np.empty((len(x), *self.output_shape), self.dtype)
        for first in range(0, len(x), BATCH):
            with self.arena:
                result[first : first + BATCH] = self(self.prepare(x[first : first + BATCH]))
        return result

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Return the softmax of the outputs, [N, ..., classes]."""
        logits = self.outputs(x)
        probabilities = np.empty_like(logits)
        K = logits.shape[-1]
        softmax(logits.reshape(-1, K), probabilities.reshape(-1, K))
        return probabilities

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the most probable label of each row, the first of equal ones."""
        index = self.outputs(x).argmax(-1)
        return index if self.classes is None else np.asarray(self.classes)[index]

    def score(self, x: np.ndarray, y: np.ndarray) -> float:
        """Return the share of rows predicted right."""
        return int((self.predict(x) == np.asarray(y)).sum()) / max(np.size(y), 1)

    def summary(self) -> str:
        """Return a table of layers: output shapes, parameters, multiply-adds, receptive fields."""
        return summary(self)

    def save(self, path: Path | str) -> None:
        """Write the network to one file: arrays and a description. Raises UserError."""
        store.save(self, path)

    @classmethod
    def load(cls, path: Path | str) -> "Network":
        """Read a network written by `save`. Raises UserError where the file is damaged or alien."""
        network = store.load(path)
        if not isinstance(network, cls):
            raise UserError(f"{path}: holds a {type(network).__name__}, not a network")
        return network

    def _check(self, x: np.ndarray) -> None:
        if np.shape(x)[1:] != self.input_shape:
            raise UserError(
                f"the network takes inputs of shape {self.input_shape}, not {np.shape(x)[1:]}"
            )
