"""Sums over trees in plain NumPy: boosting and forests."""

import numpy as np

from rosenblatt.export.twins.parts import Part, class_shares, twin


def bins(part: Part, x: np.ndarray) -> np.ndarray:
    """Return the bin of each number of x [n, D]: the number of cuts below it, of a category its
    place among them, or a bin for all others; and one more where it is missing."""
    out = np.zeros(x.shape, np.int64)
    starts, numbers = part.cut_starts_, x.astype(np.float64)
    for column in np.unique(part.feature_):
        cuts, cells = part.cuts_[starts[column] : starts[column + 1]], numbers[:, column]
        place = np.searchsorted(cuts, cells)
        if part.categorical_[column]:
            known = np.append(cuts, np.nan)[place] == cells
            place = np.where(known, place, len(cuts))
        out[:, column] = np.where(np.isnan(cells), len(cuts) + 1, place)
    return out


def sums(part: Part, x: np.ndarray) -> np.ndarray:
    """Return the sums of the trees' values for rows x [n, D], [n, K], tree t for score t % K."""
    found = bins(part, x)
    out = np.zeros((len(x), part.start_.size))
    trees = zip(part.feature_, part.child_, part.mask_, part.value_, strict=True)
    for number, (feature, child, mask, value) in enumerate(trees):
        node = np.zeros(len(x), np.int64)
        going = np.arange(len(x))
        while len(going):
            at = node[going]
            place = found[going, feature[at]]
            left = mask[at, place >> 6] >> (place & 63).astype(np.uint64) & np.uint64(1)
            node[going] = child[at, 1 - left.astype(np.int64)]
            going = going[node[going] >= 0]
        out[:, number % part.start_.size] += value[~node]
    return out


@twin("classic.boosting.BoostedTreesClassifier")
def boosted_classes(part: Part, x: np.ndarray) -> np.ndarray:
    return class_shares(part.start_ + sums(part, x))


@twin("classic.boosting.BoostedTreesRegressor")
def boosted_values(part: Part, x: np.ndarray) -> np.ndarray:
    found = part.start_ + sums(part, x)
    return np.expm1(found) if part.log_target else found


@twin("classic.forest.RandomForestRegressor")
def forest_values(part: Part, x: np.ndarray) -> np.ndarray:
    """Return the means of the trees."""
    return part.start_ + sums(part, x) * part.start_.size / len(part.value_)


@twin("classic.forest.RandomForestClassifier")
def forest_classes(part: Part, x: np.ndarray) -> np.ndarray:
    """Return the shares of the classes, of two from that of the second."""
    found = forest_values(part, x)
    if found.shape[1] == 1:
        found = np.concatenate([1 - found, found], 1)
    found = np.clip(found, 0, 1)
    total = found.sum(1, keepdims=True)
    return found / np.where(total > 0, total, 1)
