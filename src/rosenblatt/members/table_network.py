"""Networks for tables: numbers as waves, and several of them, each with other rows held out."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.classic import Standardisation
from rosenblatt.classic.inputs import encode_labels
from rosenblatt.data.folds import folds_inside
from rosenblatt.features.pieces import Pieces, many_values
from rosenblatt.features.tables.encoding import SCALED, encode
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.cpu import threads_in_use, use_threads
from rosenblatt.layers import Concat, Dense, Dropout, Flatten, Module, Periodic, Scale
from rosenblatt.layers.compose import Layers
from rosenblatt.layers.scale import Channels
from rosenblatt.members.base import Advance, Member, Rows, no_progress
from rosenblatt.members.estimators import FittedEstimator
from rosenblatt.ranges import BELOW_ONE, COUNT, EPOCHS, FROM_ZERO, Each, Real, Whole
from rosenblatt.train import Adam, Callback, Constant, Network, Plan
from rosenblatt.train.losses import cross_entropy, mean_squared_error

HELD_OUT = 7  # folds, one of which tells each network's best epoch: 14 % of the rows
PLENTY = 20_000  # rows, beyond which fewer networks and less patience do
SMALL = 1 << 16  # rows, below which batches are too small to share among threads
NEAR = 3.0  # deviations, beyond which numbers count less and less


@dataclass(frozen=True)
class TableNetworkMember(Member):
    """Networks on the columns of a table, the mean of whose answers counts.

    Each network scales its inputs by numbers that learn six times as fast as the rest (Holzmueller
    et al. 2024, "Better by default", section 3), and sees those of many values as waves too
    (layers.Periodic), `frequencies` of them for each, drawn on `scale`, mixed to `embedding`
    numbers, and in up to `bins` pieces (Pieces), which no bins leave out. Then come dense layers of
    `units`, with dropout. Of each network one fold of seven is held out, which tells its best
    epoch; it ends after `patience` epochs without a better one. Of more than 20,000 rows there are
    as many fewer networks and epochs of patience. decay: of weights, not of biases.
    """

    kind: str = "table_network"
    features: tuple[ColumnFeature, ...] = SCALED
    networks: int = 5
    layers: tuple[int, ...] = (128, 128, 128)
    frequencies: int = 16
    scale: float = 0.1
    embedding: int = 8
    bins: int = 16
    dropout: float = 0.1
    rate: float = 1e-3
    decay: float = 1.0
    epochs: int = 200
    patience: int = 16

    takes = ("table", "numbers")
    answers: ClassVar = (Classes, Values)
    settings: ClassVar = {
        "networks": Whole(1, HELD_OUT),
        "layers": Each(Whole(1, 65_536), 0, 64),
        "frequencies": Whole(1, 4096),
        "scale": Periodic.settings["scale"],
        "embedding": Whole(1, 4096),
        "bins": Whole(0, 1024),
        "dropout": BELOW_ONE,
        "rate": Real(1e-9, 100),
        "decay": FROM_ZERO,
        "epochs": EPOCHS,
        "patience": COUNT,
    }

    @property
    def units(self) -> int:
        return self.networks

    def shorter(self, share: float) -> Self:
        return dataclasses.replace(self, epochs=max(1, round(share * self.epochs)))

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> FittedEstimator:
        target = rows.target
        describe, x = encode(
            rows.samples, self.features, target.responses, seed, rows.folds_inside(seed)
        )
        standard = Standardisation().fit(x)
        x = _bounded(standard.transform(x))
        many = many_values(x)
        pieces = Pieces.cut(x, many, self.bins) if self.bins else None
        x = _with_pieces(x, pieces)
        if isinstance(target, Values):
            y, classes = target.values, None
            labels = np.zeros(len(x), np.int64)
        else:
            classes, labels = encode_labels(target.labels, len(x))
            y = labels
        fold = folds_inside(labels, rows.together, HELD_OUT, np.random.default_rng(seed))
        before = use_threads(1) if len(x) < SMALL else threads_in_use()
        try:
            networks = [
                self.trained((x, many), y, fold == number, seed + number)
                for number in range(min(_shared(self.networks, len(x)), int(fold.max()) + 1))
            ]
        finally:
            use_threads(before)
        advance(self.units)
        count = 0 if isinstance(target, Values) else target.columns
        return FittedEstimator(describe, Networks(standard, pieces, networks, classes), count)

    def trained(
        self, inputs: tuple[np.ndarray, list[int]], y: np.ndarray, held: np.ndarray, seed: int
    ) -> Network:
        """Return a network that has learned values y [N, T], or classes [N], with rows held out.

        inputs: rows [N, D], and their columns that become waves.
        """
        x, many = inputs
        values = y.ndim == 2
        outputs = y.shape[1] if values else int(y.max()) + 1
        network = Network(self.network(many, outputs), x.shape[1:], seed=seed)
        plan = self.plan(seed, int((~held).sum()), values)
        return network.fit(x[~held], y[~held], plan, (x[held], y[held]))

    def network(self, many: list[int], outputs: int) -> Layers:
        """Return the layers of a network, of whose inputs `many` become waves."""
        hidden = [layer for units in self.layers for layer in (
            Dense(units, "relu"), Dropout(self.dropout))]  # fmt: skip
        rest: list[Module] = [*hidden, Dense(outputs)]
        if many:
            periodic, mixed = Periodic(self.frequencies, self.scale), Dense(self.embedding, "relu")
            rest = [Concat([[], [Channels(many), periodic, mixed, Flatten()]]), *rest]
        return [Scale(rate=6.0), *rest]

    def plan(self, seed: int, rows: int, values: bool) -> Plan:
        """Return how a network is trained on so many rows: the more, the larger its batches."""
        return Plan(
            epochs=self.epochs,
            batch_size=1 << rows.bit_length() // 2,
            optimiser=Adam(weight_decay=self.decay),
            schedule=Constant(self.rate),
            loss=mean_squared_error if values else cross_entropy,
            metric=None,
            patience=_shared(self.patience, rows),
            seed=seed,
        )


@dataclass(frozen=True, eq=False)
class Networks(Kept):
    """Networks of one table, the mean of their answers: of classes_ [K], or values."""

    standard: Standardisation
    pieces: Pieces | None
    networks: Sequence[Network]
    classes_: np.ndarray | None

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the values of rows x [n, D], [n, T]."""
        return self._mean(x, "outputs")

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Return the probabilities of the classes of rows x [n, D], [n, K]."""
        return self._mean(x, "predict_proba")

    def _mean(self, x: np.ndarray, question: str) -> np.ndarray:
        rows = _with_pieces(_bounded(self.standard.transform(x)), self.pieces)
        answers: Any = [getattr(network, question)(rows) for network in self.networks]
        return np.sum(answers, 0) / np.float32(len(answers))


def _shared(number: int, rows: int) -> int:
    """Return how many of something so many rows want."""
    return max(1, round(number * min(1.0, PLENTY / rows)))


def _bounded(x: np.ndarray) -> np.ndarray:
    """Return numbers less and less spread the farther they are from 0 (Holzmueller et al. 2024,
    equation 1)."""
    return x / np.sqrt(1 + np.square(x / np.float32(NEAR)))


def _with_pieces(x: np.ndarray, pieces: Pieces | None) -> np.ndarray:
    return x if pieces is None else np.concatenate([x, pieces(x)], 1)
