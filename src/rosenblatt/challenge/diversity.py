"""How different the mistakes of an ensemble's members are, and what that is worth."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.evaluation import Evaluation


@dataclass(frozen=True)
class Diversity:
    """Members [m] against the ensemble, all on rows that none was trained on.

    mean, best: accuracies of single members, best_name the best one's; gain: the ensemble's over
    the best; disagreement [m, m]: the share of rows on which two members choose differently
    (Kuncheva & Whitaker 2003, section 2.1.3), pairwise its mean over pairs.
    """

    mean: float
    best: float
    best_name: str
    gain: float
    pairwise: float
    disagreement: list[list[float]]


def diversity(evaluation: Evaluation, labels: np.ndarray) -> Diversity | None:
    """Return the figures over all repetitions, or None where there is one member.

    The best is chosen on the rows that score it, which flatters it, and makes the gain seem less.
    """
    choices = evaluation.members.argmax(3)  # [R, m, N]
    if choices.shape[1] < 2:
        return None
    single = (choices == labels).mean((0, 2))
    best = int(single.argmax())
    apart = [
        [float((a != b).mean()) for b in choices.swapaxes(0, 1)] for a in choices.swapaxes(0, 1)
    ]
    together = float(evaluation.right(labels).mean())
    m = len(single)
    return Diversity(
        mean=float(single.mean()),
        best=float(single[best]),
        best_name=evaluation.names[best],
        gain=together - float(single[best]),
        pairwise=float(np.sum(apart)) / (m * (m - 1)),
        disagreement=apart,
    )
