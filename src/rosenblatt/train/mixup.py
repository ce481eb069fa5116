"""Mixup: a network is shown a mixture of two images, and asked for the mixture of their labels."""

from dataclasses import dataclass
from numbers import Real as Number
from typing import ClassVar

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.ranges import Range, Real, check_settings
from rosenblatt.tape import empty
from rosenblatt.train.answers import is_ours
from rosenblatt.train.batches import Batch
from rosenblatt.train.plan import Loss

STREAM = 0x6D69787570  # keeps these numbers apart from others drawn with the same seed


@dataclass(frozen=True)
class Mixup:
    """Each input of a batch, mixed with another of the batch: share x + (1 - share) other.

    The share is drawn from Beta(alpha, alpha), once for the batch (Zhang et al. 2018, equation 1
    and section 3). It is a function of seed and step alone. Raises UserError where alpha is not
    above 0 and at most 4.
    """

    settings: ClassVar[dict[str, Range]] = {"alpha": Real(1e-3, 4)}

    alpha: float = 0.2

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, batch: Batch, seed: int, step: int) -> Batch:
        """Return the batch mixed; its inputs are written over."""
        rng = np.random.default_rng((seed, STREAM, step))
        share = beta(self.alpha, rng)
        (x,) = batch.inputs
        partner = rng.permutation(len(x))
        other = np.take(x, partner, axis=0, out=empty(x.shape, x.dtype), mode="clip")
        x *= x.dtype.type(share)
        other *= x.dtype.type(1.0 - share)
        x += other
        return Batch((x,), batch.targets, batch.targets[partner], share)


def beta(alpha: float, rng: np.random.Generator) -> float:
    """Return a draw from Beta(alpha, alpha), by Johnk's method (Devroye 1986, section IX.3.5)."""
    while True:
        u, v = (_power(1.0 - rng.random(), 1.0 / alpha) for _ in range(2))
        if 0.0 < u + v <= 1.0:
            return u / (u + v)


def _power(base: float, exponent: float) -> float:
    """Return base^exponent for a base above 0; a library's power differs between computers."""
    return float(exp(exponent * log(np.float64(base))))


def mixed_loss(loss: Loss, outputs: np.ndarray, batch: Batch) -> tuple[float, np.ndarray]:
    """Return the loss of a batch, and its gradient: that of both targets, each times its share.

    Raises UserError unless the loss gives a number and a gradient of the outputs' shape.
    """
    value, gradient = _lost(loss, outputs, batch.targets)
    if batch.others is None:
        return value, gradient
    other, d_other = _lost(loss, outputs, batch.others)
    gradient *= gradient.dtype.type(batch.share)
    d_other *= gradient.dtype.type(1.0 - batch.share)
    gradient += d_other
    return batch.share * value + (1.0 - batch.share) * other, gradient


def _lost(loss: Loss, outputs: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    given = loss(outputs if is_ours(loss) else outputs.copy(), targets)  # it may write there
    pair = isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], Number)
    if not pair or np.shape(given[1]) != outputs.shape:
        raise UserError(
            f"the loss must give a number and its gradient by the outputs, of {outputs.shape}; "
            f"it gave {str(given)[:60]}."
        )
    return float(given[0]), np.ascontiguousarray(given[1], outputs.dtype)
