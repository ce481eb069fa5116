"""Tables as trees see them: numbers with gaps and categories, cut into bins that the rows told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_cells
from rosenblatt.classic.base import Estimator
from rosenblatt.errors import UserError
from rosenblatt.kernels.trees.bins import Bins, Columns, encode_words
from rosenblatt.kernels.trees.grow import Tree
from rosenblatt.kernels.trees.predict import predict
from rosenblatt.ranges import Each, Whole

CUTS = 254  # and so 255 bins of numbers, and one of those that are missing
SAMPLE = 200_000  # rows that tell where to cut
CODES = 256  # of a column
FEATURES = 1_000_000


@dataclass(eq=False)
class Binned(Estimator):
    """An estimator of trees. X [N, D] float32 or float64, NaN for what is missing.

    categorical: the places of columns of categories, whole numbers from 0 that have no order.

    Learned: cuts_ [S] float64, cut_starts_ [D + 1] int64 and categorical_ [D] bool, as Bins.
    """

    allows_missing: ClassVar[bool] = True
    settings: ClassVar = {"categorical": Each(Whole(0, FEATURES - 1), 0, FEATURES)}
    axes: ClassVar = {"cuts_": "float64 S", "cut_starts_": "int64 E", "categorical_": "bool D"}

    categorical: tuple[int, ...] = ()

    def _rows(self, x: np.ndarray) -> np.ndarray:
        x = check_cells(x)
        for column in self.categorical:
            if column >= x.shape[1]:
                raise UserError(
                    f"categorical names column {column}, but X has columns 0 to {x.shape[1] - 1}."
                )
            codes = x[:, column]
            wrong = (codes < 0) | (codes != np.floor(codes)) & (codes == codes)
            if wrong.any():
                row = int(wrong.argmax())
                raise UserError(
                    f"row {row + 1}, column {column + 1} of the samples is {codes[row]}, and no "
                    "category: give whole numbers from 0, or NaN where it is missing."
                )
        return x

    def _learn_bins(self, x: np.ndarray, rng: np.random.Generator) -> None:
        """Learn where to cut the columns of x [N, D]: between the values, or at quantiles."""
        columns = x.shape[1]
        self.categorical_ = np.zeros(columns, bool)
        self.categorical_[list(self.categorical)] = True
        some = np.sort(rng.permutation(len(x))[:SAMPLE]) if len(x) > SAMPLE else slice(None)
        find = {True: _categories, False: _cuts}
        cuts = [
            find[bool(self.categorical_[f])](x[:, f] if self.categorical_[f] else x[some, f])
            for f in range(columns)
        ]
        self.cuts_ = np.concatenate(cuts)
        self.cut_starts_ = np.cumsum([0, *(len(one) for one in cuts)])

    @property
    def _bins(self) -> Bins:
        return Bins(self.cuts_, self.cut_starts_, self.categorical_)

    def _check_restored(self) -> None:
        starts = self.cut_starts_
        sizes = np.diff(starts)
        if starts.size != self.n_features_in_ + 1 or starts[0] or starts[-1] != self.cuts_.size:
            raise ValueError("its cuts are not those of its columns")
        if sizes.min() < 0 or sizes.max() > CUTS:
            raise ValueError("a column has too many cuts")


def _sorted(x: np.ndarray) -> np.ndarray:
    """Return the numbers of a column that are there, float64, ascending."""
    x = np.sort(x.astype(np.float64)) + 0.0  # and no -0
    return x[: x.size - int(np.isnan(x).sum())]


def _cuts(x: np.ndarray) -> np.ndarray:
    """Return up to CUTS places to cut numbers [n]; a number on a cut lies below it."""
    x = _sorted(x)
    values = x[np.flatnonzero(np.diff(x, prepend=-np.inf))]
    if len(values) <= CUTS + 1:
        middle = values[:-1] / 2 + values[1:] / 2
        return np.where(middle < values[1:], middle, values[:-1])
    return np.unique(x[np.arange(1, CUTS + 1) * x.size // (CUTS + 1)])


def _categories(x: np.ndarray) -> np.ndarray:
    """Return the CUTS most frequent of categories [n], ascending; ties: the smaller."""
    x = _sorted(x)
    first = np.flatnonzero(np.diff(x, prepend=-np.inf))
    often = np.argsort(-np.diff(first, append=x.size), kind="stable")[:CUTS]
    return np.sort(x[first[often]])


def lay_out(bins: Bins, missing: np.ndarray) -> Columns:
    """Return how features share columns: those of most bins first, each where first it fits.

    missing [D] bool: where a number is missing among the rows to learn from.
    """
    count = np.diff(bins.start) + 1 + missing
    column, stride = np.zeros_like(count), np.zeros_like(count)
    widths: list[int] = []
    for f in np.argsort(-count, kind="stable"):
        fits = (c for c, width in enumerate(widths) if width * count[f] <= CODES)
        column[f] = place = next(fits, len(widths))
        if place == len(widths):
            widths.append(1)
        stride[f] = widths[place]
        widths[place] *= int(count[f])
    widths += [1] * (-len(widths) % 4)
    member = np.lexsort((-stride, column))
    first = np.searchsorted(column[member], np.arange(len(widths) + 1))
    place = (np.arange(CODES) // stride[:, None] % count[:, None]).astype(np.uint8)
    start = np.cumsum([0, *widths])
    return Columns(count, missing, column, stride, place, start, member, first, bins.categorical)


def in_words(x: np.ndarray, bins: Bins) -> tuple[np.ndarray, Columns]:
    """Return the codes of x [N, D] as words [C / 4, N] uint32, and how features lie in them."""
    missing = np.array([bool(np.isnan(x[:, f]).any()) for f in range(x.shape[1])])
    columns = lay_out(bins, missing)
    words = np.empty(((columns.start.size - 1) // 4, len(x)), np.uint32)
    encode_words(x, bins, columns, words)
    return words, columns


@dataclass(eq=False)
class Trees(Binned):
    """An estimator whose scores are sums over trees.

    Learned: start_ [K], and trees of R rounds times K scores with M nodes and L leaves at most, as
    Tree tells: feature_ [R, M], child_ [R, M, 2], mask_ [R, M, 4], value_ [R, L]; and as Binned.
    """

    axes: ClassVar = Binned.axes | {
        "start_": "float64 K",
        "feature_": "int32 R M",
        "child_": "int16 R M two",
        "mask_": "uint64 R M four",
        "value_": "float64 R L",
    }

    def _keep(self, start: np.ndarray, grown: Sequence[tuple[Tree, np.ndarray]]) -> None:
        """Keep what was learned: scores [K], and trees and values of all rounds, one width."""
        self.start_ = start
        feature, child, mask = zip(*(tree for tree, _ in grown), strict=True)
        self.feature_, self.child_ = np.concatenate(feature), np.concatenate(child)
        self.mask_, self.value_ = np.concatenate(mask), np.concatenate([one for _, one in grown])

    def _rescale(self, unit: np.ndarray) -> None:
        """Bring what was learned of targets in units [K] to the scale of the targets."""
        self.start_ *= unit
        self.value_ *= np.tile(unit, len(self.value_) // len(unit))[:, None]

    def _sums(self, x: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Add the trees' values for rows x [M, D] to out [K, M] float64, and return it."""
        used = np.zeros(x.shape[1], bool)
        used[self.feature_] = True
        predict(x, self._bins, used, self._trees, self.value_, out)
        return out

    @property
    def _trees(self) -> Tree:
        return Tree(self.feature_, self.child_, self.mask_)

    def _check_restored(self) -> None:
        super()._check_restored()
        check_trees(self._trees, self.n_features_in_)
        if self.value_.shape[1] != self.feature_.shape[1] + 1:
            raise ValueError("its leaves are not those of its trees")
        if len(self.value_) % self.start_.size:
            raise ValueError("its trees are not as many for each score")


def check_trees(parts: Tree, features: int) -> None:
    """Raise ValueError unless trees, Tree with an axis R before, lead every row to a leaf."""
    feature, child, mask = parts
    R, M = feature.shape
    if child.shape != (R, M, 2) or mask.shape != (R, M, 4) or M == 0:
        raise ValueError("its trees are not of one shape")
    if feature.min() < 0 or feature.max() >= features:
        raise ValueError("a tree asks for a column that is not there")
    after = child > np.arange(M)[None, :, None]
    if not (after & (child < M) | (child < 0) & (child >= -(M + 1))).all():
        raise ValueError("a tree leads nowhere")
