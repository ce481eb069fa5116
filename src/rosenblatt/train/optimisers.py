"""Optimisers: how a gradient becomes a step. In order of increasing complexity."""

from math import sqrt
from typing import ClassVar

import numpy as np

from rosenblatt.kernels.neural import optimisers as kernels
from rosenblatt.ranges import (
    FLAG,
    FROM_ZERO,
    POSITIVE,
    Range,
    Real,
    check_settings,
    check_value,
)
from rosenblatt.tape import Parameter

MEMORY = Real(0, 0.999999)  # what is kept of a mean: float32 tells it from 1


class Optimiser:
    """Steps parameters along their gradients; what it remembers is kept by parameter name.

    weight_decay is the L2 term's factor, for parameters that say `decay`.
    """

    settings: ClassVar[dict[str, Range]] = {"weight_decay": FROM_ZERO}

    def __init__(self, weight_decay: float = 0.0) -> None:
        check_value("weight_decay", weight_decay, FROM_ZERO)
        self.weight_decay = weight_decay
        self.memory: dict[str, np.ndarray] = {}
        self._numbers: dict[tuple[np.dtype, float, bool], np.ndarray] = {}

    def step(self, parameters: dict[str, Parameter], rate: float, scale: float = 1.0) -> None:
        """Move each parameter by its gradient times `scale`, then forget the gradient.

        Raises UserError where rate or scale is no number from 0 on.
        """
        self.begin(rate, scale)
        for name, parameter in parameters.items():
            if parameter.gradient is not None:
                key = parameter.value.dtype, parameter.rate, parameter.decay
                if key not in self._numbers:
                    self._numbers[key] = np.array(self._of_group(key, rate, scale), key[0])
                self.update(name, parameter, self._numbers[key])
                parameter.gradient = None

    def begin(self, rate: float, scale: float) -> None:
        """Note that a step begins: write its numbers where `update` is given them."""
        check_value("rate", rate, FROM_ZERO)
        check_value("scale", scale, FROM_ZERO)
        for key, numbers in self._numbers.items():
            numbers[...] = self._of_group(key, rate, scale)

    def _of_group(
        self, key: tuple[np.dtype, float, bool], rate: float, scale: float
    ) -> tuple[float, ...]:
        _, own_rate, decays = key
        return self.numbers(rate * own_rate, self.weight_decay if decays else 0.0, scale)

    def numbers(self, rate: float, decay: float, scale: float) -> tuple[float, ...]:
        """Return what `update` wants to know of a step."""
        return rate, decay, scale

    def update(self, name: str, parameter: Parameter, numbers: np.ndarray) -> None:
        """Move one parameter; numbers as the method of that name gives them, of its dtype."""
        raise NotImplementedError

    def remembered(self, name: str, parameter: Parameter) -> np.ndarray:
        """Return the array kept under `name`, zeros at first."""
        if name not in self.memory:
            self.memory[name] = np.zeros_like(parameter.value)
        return self.memory[name]

    def state(self) -> dict[str, np.ndarray]:
        """Return what is remembered, to be saved; not copies."""
        return self.memory

    def load_state(self, state: dict[str, np.ndarray]) -> None:
        """Take up what another run remembered."""
        self.memory = {name: array.copy() for name, array in state.items()}


class SGD(Optimiser):
    """Stochastic gradient descent with momentum (Polyak 1964) or Nesterov's (see the kernel).

    The decay is added to the gradient. The velocity holds the rate, as in the papers: v = momentum
    v - rate g, w += v. PyTorch's does not (v = momentum v + g, w -= rate v). At a constant rate
    both take the same steps; where a schedule changes it, ours goes on with the earlier rate's.
    """

    settings: ClassVar[dict[str, Range]] = {
        "momentum": MEMORY, "nesterov": FLAG, "weight_decay": FROM_ZERO,
    }  # fmt: skip

    def __init__(
        self, momentum: float = 0.9, nesterov: bool = True, weight_decay: float = 0.0
    ) -> None:
        super().__init__(weight_decay)
        self.momentum = momentum
        self.nesterov = nesterov
        check_settings(self)

    def numbers(self, rate, decay, scale) -> tuple[float, ...]:
        return rate, self.momentum, decay, scale

    def update(self, name, parameter, numbers) -> None:
        velocity = self.remembered(f"velocity.{name}", parameter)
        kernels.sgd(
            parameter.value.reshape(-1),
            parameter.gradient.reshape(-1),
            velocity.reshape(-1),
            numbers,
            self.nesterov,
        )


class Adam(Optimiser):
    """Adam (Kingma & Ba 2015, algorithm 1), its decay apart from the gradient.

    Decay multiplies the value by 1 - rate weight_decay (Loshchilov & Hutter 2019, algorithm 2).
    """

    settings: ClassVar[dict[str, Range]] = {
        "beta1": MEMORY, "beta2": MEMORY, "epsilon": POSITIVE, "weight_decay": FROM_ZERO,
    }  # fmt: skip

    def __init__(
        self,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(weight_decay)
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        check_settings(self)

    def begin(self, rate, scale) -> None:
        # The powers of beta are kept as products: a library's power differs between machines.
        powers = self.memory.setdefault("powers", np.ones(2))
        powers *= (self.beta1, self.beta2)
        super().begin(rate, scale)

    def numbers(self, rate, decay, scale) -> tuple[float, ...]:
        power1, power2 = self.memory["powers"]
        root = sqrt(1.0 - power2)
        return (
            rate * root / (1.0 - power1),
            self.beta1,
            self.beta2,
            self.epsilon * root,
            rate * decay,
            scale,
        )

    def update(self, name, parameter, numbers) -> None:
        kernels.adam(
            parameter.value.reshape(-1),
            parameter.gradient.reshape(-1),
            self.remembered(f"mean.{name}", parameter).reshape(-1),
            self.remembered(f"square.{name}", parameter).reshape(-1),
            numbers,
        )
