"""Metrics by their definitions: loops over rows, or over pairs of rows, in exact fractions.

truth, predicted, weights: lists of numbers; each row counts weight times.
"""

import math
from fractions import Fraction
from functools import partial

together = partial(zip, strict=True)


def accuracy(truth, predicted, weights):
    right = sum(w for t, p, w in together(truth, predicted, weights) if t == p)
    return Fraction(right, sum(weights))


def balanced_accuracy(truth, predicted, weights):
    recalls = []
    for k in sorted(set(truth)):
        rows = [(p, w) for t, p, w in together(truth, predicted, weights) if t == k]
        recalls.append(Fraction(sum(w for p, w in rows if p == k), sum(w for _, w in rows)))
    return sum(recalls) / len(recalls)


def f1_of(k, truth, predicted, weights):
    both = sum(w for t, p, w in together(truth, predicted, weights) if t == k == p)
    said = sum(w for p, w in together(predicted, weights) if p == k)
    true = sum(w for t, w in together(truth, weights) if t == k)
    precision = Fraction(both, said) if said else Fraction(0)
    recall = Fraction(both, true) if true else Fraction(0)
    return 2 * precision * recall / (precision + recall) if both else Fraction(0)


def f1(truth, predicted, weights):
    return f1_of(1, truth, predicted, weights)


def macro_f1(truth, predicted, weights):
    classes = set(truth) | set(predicted)
    return sum(f1_of(k, truth, predicted, weights) for k in classes) / len(classes)


def matthews(truth, predicted, weights):
    """Pearson's correlation of indicators, summed over classes: covariance by covariances."""
    size = sum(weights)

    def covariance(a, b):
        total = Fraction(0)
        for k in set(truth) | set(predicted):
            mean_a = Fraction(sum(w for x, w in together(a, weights) if x == k), size)
            mean_b = Fraction(sum(w for x, w in together(b, weights) if x == k), size)
            total += sum(
                w * ((x == k) - mean_a) * ((y == k) - mean_b) for x, y, w in together(a, b, weights)
            )
        return total

    spread = covariance(truth, truth) * covariance(predicted, predicted)
    return covariance(truth, predicted) / Fraction(math.sqrt(spread)) if spread else Fraction(0)


def quadratic_kappa(truth, predicted, weights):
    observed = sum(w * (t - p) ** 2 for t, p, w in together(truth, predicted, weights))
    chance = sum(
        w * v * (t - p) ** 2
        for t, w in together(truth, weights)
        for p, v in together(predicted, weights)
    )
    return 1 - Fraction(observed) * sum(weights) / chance


def auc(truth, scores, weights):
    won = total = Fraction(0)
    for t, s, w in together(truth, scores, weights):
        for other, r, v in together(truth, scores, weights):
            if t == 1 and other == 0:
                total += w * v
                won += w * v * (Fraction(1) if s > r else Fraction(s == r, 2))
    return won / total


def average_precision(truth, scores, weights):
    """The mean over positive rows of the precision among rows of at least its score."""
    total = Fraction(0)
    for t, s, w in together(truth, scores, weights):
        taken = sum(v for r, v in together(scores, weights) if r >= s)
        found = sum(v for u, r, v in together(truth, scores, weights) if r >= s and u == 1)
        total += w * t * Fraction(found, taken)
    return total / sum(w for t, w in together(truth, weights) if t == 1)


def log_loss(truth, probabilities, weights):
    costs = [w * -math.log(max(p[t], 1e-15)) for t, p, w in together(truth, probabilities, weights)]
    return math.fsum(costs) / sum(weights)


def brier(truth, probabilities, weights):
    total = 0.0
    for t, p, w in together(truth, probabilities, weights):
        distance = sum((share - (k == t)) ** 2 for k, share in enumerate(p))
        total += w * distance / (2 if len(p) == 2 else 1)
    return total / sum(weights)


def rmse(truth, predicted, weights):
    squares = [w * (t - p) ** 2 for t, p, w in together(truth, predicted, weights)]
    return math.sqrt(math.fsum(squares) / sum(weights))


def rmsle(truth, predicted, weights):
    return rmse([math.log1p(t) for t in truth], [math.log1p(p) for p in predicted], weights)


def mae(truth, predicted, weights):
    errors = [w * abs(t - p) for t, p, w in together(truth, predicted, weights)]
    return math.fsum(errors) / sum(weights)


def r2(truth, predicted, weights):
    middle = math.fsum(w * t for t, w in together(truth, weights)) / sum(weights)
    return 1 - (rmse(truth, predicted, weights) / rmse(truth, [middle] * len(truth), weights)) ** 2
