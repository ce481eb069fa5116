"""One training step of any network, and learning rates over a number of steps."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.layers import Module
from rosenblatt.tape import Arena, Tape, Variable
from rosenblatt.train.fit import clip_scale
from rosenblatt.train.losses import cross_entropy
from rosenblatt.train.optimisers import Adam, Optimiser
from rosenblatt.train.schedules import Constant, Schedule

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
PADDED: Loss = partial(cross_entropy, ignored=-1)  # where -1 stands behind the end of the targets


class Trainer:
    """Steps a module along its gradients, clipped to `clip` (Pascanu et al. 2013, algorithm 1)."""

    def __init__(
        self,
        module: Module,
        steps: int,
        *,
        optimiser: Optimiser | None = None,
        schedule: Schedule | None = None,
        clip: float = 5.0,
        loss: Loss = cross_entropy,
    ) -> None:
        self.module = module
        self.parameters = module.parameters()
        self.steps = steps
        self.optimiser = optimiser or Adam()
        self.schedule = schedule or Constant(0.001)
        self.clip = clip
        self.loss = loss
        self.arena = Arena()
        self.step = 0

    def learn(self, inputs: tuple[Any, ...], targets: np.ndarray) -> float:
        """Take one step on module(*inputs) and return the loss before it. Raises UserError."""
        return self.learn_from(lambda: self.module(*inputs), targets)[0]

    def learn_from(
        self, forward: Callable[[], Variable], targets: np.ndarray
    ) -> tuple[float, Tape]:
        """As learn, for any computation; the tape is good until the next step."""
        with Tape(arena=self.arena, step=self.step) as tape:
            output = forward()
            loss, d_output = self.loss(output.value, targets)
            if not math.isfinite(loss):
                raise UserError(f"the loss became {loss} at step {self.step + 1}; stopped.")
            tape.backward(output, d_output)
            rate = self.schedule(self.step / self.steps)
            scale = clip_scale(self.parameters, self.clip)
            self.optimiser.step(self.parameters, rate, scale)
        self.step += 1
        return loss, tape
