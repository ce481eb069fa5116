"""Rules that put members' votes together; those that learn do so from rows no member had seen."""

from collections.abc import Callable

import numpy as np

from rosenblatt.classic import LogisticRegression

ROUNDS = 50  # of the greedy search: weights are counts of so many picks
Rule = Callable[[np.ndarray], np.ndarray]  # members' votes [m, N, K] -> votes [N, K]


def mean_rule(weights: np.ndarray) -> Rule:
    """Return the rule that adds up the members' votes times their weights [m], in order."""

    def together(votes: np.ndarray) -> np.ndarray:
        result = np.zeros(votes.shape[1:])
        for weight, member in zip(weights, votes, strict=True):
            result += weight * member
        return result

    return together


def vote_rule(weights: np.ndarray) -> Rule:
    """Return the rule that adds up the members' first choices times their weights [m]."""
    add = mean_rule(weights)
    return lambda votes: add(np.eye(votes.shape[2])[votes.argmax(2)])


def search_weights(votes: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return weights [m] found by greedy picks with replacement, whole counts that may be 0.

    votes [m, N, K] are of rows that the members were not trained on. Each of 50 rounds adds the
    member that makes the sum right most often, ties to the larger mean vote for the true class,
    then to the first; the shortest best prefix counts. Caruana et al. 2004, "Ensemble selection
    from libraries of models", section 2.
    """
    counts = np.zeros(len(votes))
    total = np.zeros(votes.shape[1:])
    best, best_counts = -1, counts
    rows = np.arange(len(labels))
    for _ in range(ROUNDS):
        scores = []
        for member in votes:
            sum_of = total + member
            right = int((sum_of.argmax(1) == labels).sum())
            scores.append((right, round(float(sum_of[rows, labels].sum()), 6)))
        pick = max(range(len(votes)), key=lambda index: scores[index])
        total += votes[pick]
        counts[pick] += 1
        if scores[pick][0] > best:
            best, best_counts = scores[pick][0], counts.copy()
    return best_counts


def weights_rule(votes: np.ndarray, labels: np.ndarray) -> Rule:
    """Return the mean rule with weights found on votes [m, N, K] of rows not trained on."""
    return mean_rule(search_weights(votes, labels))


def stack_rule(votes: np.ndarray, labels: np.ndarray) -> Rule:
    """Return logistic regression on the members' votes side by side (Wolpert 1992, stacking).

    votes [m, N, K], labels [N] of rows not trained on. Classes that these labels lack get 0.
    """
    machine = LogisticRegression(penalty=1e-2).fit(_beside(votes), labels)

    def together(votes: np.ndarray) -> np.ndarray:
        result = np.zeros(votes.shape[1:])
        result[:, machine.classes_] = machine.predict_proba(_beside(votes))
        return result

    return together


def _beside(votes: np.ndarray) -> np.ndarray:
    members, rows, classes = votes.shape
    return np.ascontiguousarray(votes.transpose(1, 0, 2).reshape(rows, members * classes))
