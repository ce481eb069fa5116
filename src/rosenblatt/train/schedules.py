"""Learning-rate schedules: the rate as a function of the share of the training that is done.

A schedule maps `progress` in [0, 1) to a rate, at each step, where PyTorch's count epochs unless
they are told otherwise. Cosines are our own, to be the same everywhere.
"""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from rosenblatt.kernels.core.elementary import cos
from rosenblatt.ranges import (
    BELOW_ONE,
    FROM_ZERO,
    POSITIVE,
    SHARE,
    Each,
    Function,
    Range,
    Real,
    Whole,
    check_settings,
    check_value,
)

PI = 3.141592653589793
DIVISOR, SCHEDULE = Real(1, 1e30), Function("a schedule, such as Constant(0.01)")


class Schedule(Protocol):
    """A function of the progress, 0 at the first step and below 1 at the last."""

    def __call__(self, progress: float) -> float: ...


def _cosine(first: float, last: float, share: float) -> float:
    """Go from first to last along half a cosine, as share goes from 0 to 1."""
    return last + (first - last) * 0.5 * (1.0 + float(cos(PI * share)))


class _Checked:
    """A schedule whose settings are looked at when it is made, and the progress when it is asked.

    Raises UserError for a progress that is no share.
    """

    settings: ClassVar[dict[str, Range]]

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, progress: float) -> float:
        check_value("progress", progress, SHARE)
        return self.at(progress)

    def at(self, progress: float) -> float:
        """Return the rate at a share of the training."""
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(_Checked):
    """The same rate throughout."""

    settings: ClassVar[dict[str, Range]] = {"rate": POSITIVE}

    rate: float = 0.01

    def at(self, progress: float) -> float:
        return self.rate


@dataclass(frozen=True)
class Step(_Checked):
    """The rate is multiplied by `factor` as each milestone, a share of the training, is passed."""

    settings: ClassVar[dict[str, Range]] = {
        "rate": POSITIVE, "milestones": Each(SHARE, 0, 1000), "factor": POSITIVE,
    }  # fmt: skip

    rate: float = 0.1
    milestones: tuple[float, ...] = (0.5, 0.75)
    factor: float = 0.1

    def at(self, progress: float) -> float:
        rate = self.rate
        for milestone in self.milestones:
            if progress >= milestone:
                rate *= self.factor
        return rate


@dataclass(frozen=True)
class Cosine(_Checked):
    """From rate to `final` along half a cosine (Loshchilov & Hutter 2017, equation 5).

    `final` is the limit at progress 1, as PyTorch's eta_min at T_max.
    """

    settings: ClassVar[dict[str, Range]] = {"rate": POSITIVE, "final": FROM_ZERO}

    rate: float = 0.1
    final: float = 0.0

    def at(self, progress: float) -> float:
        return _cosine(self.rate, self.final, progress)


@dataclass(frozen=True)
class OneCycle(_Checked):
    """Up from rate / start_divisor to rate, then down to rate / final_divisor (Smith 2018).

    Both ways along half a cosine; `rising` is the share of the training that goes up. Unlike
    PyTorch's OneCycleLR, it ends at rate / final_divisor, not at the start's rate / final_divisor,
    comes near to that but reaches it only at progress 1, after the last step, and leaves the
    momentum alone.
    """

    settings: ClassVar[dict[str, Range]] = {
        "rate": POSITIVE, "rising": SHARE, "start_divisor": DIVISOR, "final_divisor": DIVISOR,
    }  # fmt: skip

    rate: float = 0.1
    rising: float = 0.3
    start_divisor: float = 25.0
    final_divisor: float = 1e4

    def at(self, progress: float) -> float:
        if progress < self.rising:
            return _cosine(self.rate / self.start_divisor, self.rate, progress / self.rising)
        falling = (progress - self.rising) / (1.0 - self.rising)
        return _cosine(self.rate, self.rate / self.final_divisor, falling)


@dataclass(frozen=True)
class WarmUp(_Checked):
    """Another schedule, its first rate approached in a straight line for `share` of the time.

    Goyal et al. 2017, section 2.2. The other schedule runs over what is left.
    """

    settings: ClassVar[dict[str, Range]] = {"schedule": SCHEDULE, "share": BELOW_ONE}

    schedule: Schedule
    share: float = 0.05

    def at(self, progress: float) -> float:
        if progress < self.share:
            return self.schedule(0.0) * progress / self.share
        return self.schedule((progress - self.share) / (1.0 - self.share))


@dataclass(frozen=True)
class Cycles(_Checked):
    """Another schedule, run `count` times over (Loshchilov & Hutter 2017, warm restarts)."""

    settings: ClassVar[dict[str, Range]] = {"schedule": SCHEDULE, "count": Whole(1, 100_000)}

    schedule: Schedule
    count: int = 1

    def at(self, progress: float) -> float:
        return self.schedule(progress * self.count % 1.0)
