"""What learns from numbers, in plain NumPy: probabilities of classes [n, K], or values [n, T]."""

import numpy as np

from rosenblatt.export.twins.kernel_machines import exp_in_singles
from rosenblatt.export.twins.machines import in_units, sum_in_order
from rosenblatt.export.twins.networks import outputs, probabilities
from rosenblatt.export.twins.parts import Part, class_shares, twin

NEAR_ZERO = np.float32(3)  # deviations, beyond which numbers count less and less
CELLS = 1 << 23  # of a block of a matrix of rows and centres


@twin("members.estimators.FittedEstimator")
def estimator_votes(part: Part, samples: object) -> np.ndarray:
    """Return values, or the probabilities of all classes, of which some may not have been seen."""
    found = part.machine(part.describe(samples))
    if not part.classes:
        return found.astype(np.float32)
    out = np.zeros((len(found), part.classes), np.float32)
    out[:, part.machine.classes_] = found
    return out


@twin("classic.ridge.RidgeRegressor")
def weighted_sums(part: Part, x: np.ndarray) -> np.ndarray:
    return x.astype(np.float64) @ part.coef_.T.astype(np.float64) + part.intercept_


@twin("classic.logistic.LogisticRegression", "classic.naive_bayes.NaiveBayes")
def linear_classes(part: Part, x: np.ndarray) -> np.ndarray:
    return class_shares(weighted_sums(part, x))


def feature_sums(part: Part, x: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Return start + sums of exp(-gamma |x - centre|) over the centres, in blocks of rows."""
    z, centres = x * part.scale_, part.centres_.T.copy()
    used = np.flatnonzero(part.scale_)
    step = max(1, CELLS // len(part.centres_))
    found = []
    for first in range(0, len(z), step):
        rows = z[first : first + step]
        apart = np.zeros((len(rows), centres.shape[1]), np.float32)
        for column in used:
            apart += np.abs(rows[:, column, None] - centres[column])
        gram = exp_in_singles(-np.float32(part.gamma_) * apart)
        found.append(sum_in_order(gram, part.dual_coef_, start))
    return np.concatenate(found)


@twin("classic.feature_machine.FeatureMachineRegressor")
def feature_values(part: Part, x: np.ndarray) -> np.ndarray:
    return in_units(part, feature_sums(part, x, np.zeros(len(part.unit_), np.float32)))


@twin("classic.feature_machine.FeatureMachineClassifier")
def feature_classes(part: Part, x: np.ndarray) -> np.ndarray:
    return class_shares(feature_sums(part, x, part.intercept_) @ part.slope_ + part.offset_)


@twin("members.table_network.Networks")
def networks(part: Part, x: np.ndarray) -> np.ndarray:
    """Return the mean of what several networks answer."""
    rows = part.standard(x)
    rows = rows / np.sqrt(1 + np.square(rows / NEAR_ZERO))
    if part.pieces is not None:
        rows = np.concatenate([rows, part.pieces(rows)], 1)
    answer = outputs if part.classes_ is None else probabilities
    found = [answer(one, rows, one.weights) for one in part.networks]
    return np.sum(found, 0) / np.float32(len(found))


@twin("features.pieces.Pieces")
def pieces_of_numbers(part: Part, x: np.ndarray) -> np.ndarray:
    """Return how far each number has come through each piece of its column, -1 to 1."""
    return 2 * np.clip((x[:, part.column] - part.low) / part.width, 0, 1) - 1


@twin("pipeline.rules.Stacked")
def stacked(part: Part, found: np.ndarray) -> np.ndarray:
    """Return what a machine answers for the members' votes [m, n, K] side by side."""
    out = np.zeros(found.shape[1:])
    out[:, part.machine.classes_] = part.machine(np.concatenate([*found], 1))
    return out
