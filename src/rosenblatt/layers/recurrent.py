"""Recurrent layers: a whole sequence is one node of the graph, its chain rule run backward in time.

x is [N, T, D]. A layer takes x alone, or x, the initial state, and a mask [N, T] that is False
where a sequence has ended (any of the two may be None): a masked step carries the state on, so what
stands there never matters. In a layer with `reverse` time runs from the last step to the first.

`output` chooses what is returned: "sequence" [N, T, units], the output of all steps; "last"
[N, units], that of the last step in the layer's own direction; "state" [N, S], all that the next
step needs, to start another layer from. S is units, or 2 units for an LSTM: output, then cell.
"""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.recurrent import gru, gru_reset_after, lstm
from rosenblatt.kernels.recurrent.blocks import UNITS, block_count, from_blocks, team, to_blocks
from rosenblatt.kernels.recurrent.elman import elman_backward, elman_forward
from rosenblatt.kernels.recurrent.products import (
    bias_gradient,
    from_steps,
    input_gradient,
    input_product,
    to_steps,
    weight_gradient,
)
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.initialisers import glorot_uniform
from rosenblatt.layers.inputs import as_mask, expect
from rosenblatt.ranges import FLAG, Choice, check_settings
from rosenblatt.tape import Parameter, empty

OUTPUTS = Choice(("sequence", "last", "state"))
MASK = 2  # the place of the mask among the inputs


def _gate_weights(inputs: int, units: int, gates: int, rng) -> np.ndarray:
    """Return weights [inputs, gates units], each gate drawn as a layer of its own."""
    return np.concatenate([glorot_uniform((inputs, units), rng) for _ in range(gates)], axis=1)


class Recurrent(Layer):
    """What the cells have in common; a cell states its gates and the kernels that run it."""

    gates: ClassVar[int]
    states: ClassVar[int] = 1  # arrays [N, units] that make up the state
    window = None
    settings: ClassVar[Settings] = {"units": SIZE, "output": OUTPUTS, "reverse": FLAG}
    examples: ClassVar[list] = [
        ({"units": 3}, (4, 2)),
        ({"units": 17, "reverse": True}, (3, 2)),
        ({"units": 3, "output": "last"}, ((2, 3), (3,))),
    ]

    def __init__(self, units: int, output: str = "sequence", reverse: bool = False) -> None:
        self.units = units
        self.output = output
        self.reverse = reverse
        check_settings(self)

    def create(self, shape, rng) -> None:
        D = _input_shape(shape)[1]
        self.weight = Parameter(_gate_weights(D, self.units, self.gates, rng), "weight")
        self.create_recurrent(rng)
        self.bias = Parameter(np.zeros(self.gates * self.units, np.float32), "bias", decay=False)

    def create_recurrent(self, rng) -> None:
        """Create the weights from one step to the next."""
        recurrent = _gate_weights(self.units, self.units, self.gates, rng)
        self.recurrent = Parameter(recurrent, "recurrent")

    def output_shape(self, shape) -> Shape:
        first = _input_shape(shape)
        expect(len(first) == 2, f"a recurrent layer takes sequences (T, D), not {first}")
        if first is not shape and len(shape) > 1 and shape[1] is not None:
            width = self.states * self.units
            expect(shape[1] == (width,), f"the initial state has shape {shape[1]}, not ({width},)")
        mask = shape[MASK] if first is not shape and len(shape) > MASK else None
        expect(mask in (None, first[:1]), f"a mask of {mask} steps does not fit {first[0]} steps")
        if hasattr(self, "weight"):
            D = self.weight.value.shape[0]
            expect(first[1] == D, f"the recurrent layer has weights for {D} inputs, not {first[1]}")
        widths = {"last": (self.units,), "state": (self.states * self.units,)}
        return widths.get(self.output, (first[0], self.units))

    def multiply_adds(self, shape) -> int:
        T, D = _input_shape(shape)
        return T * (D + self.units) * self.gates * self.units

    def receive(self, place, x, dtype) -> np.ndarray:
        return as_mask(x) if place == MASK else super().receive(place, x, dtype)

    def forward(self, x, state=None, mask=None, *, train):
        N, T, D = x.shape
        steps = empty((T, N, D), x.dtype)
        to_steps(x, self.reverse, steps)
        gates = empty((T, block_count(self.units), self.gates, N * UNITS), x.dtype)
        rows = steps.reshape(T * N, D)
        input_product(rows, self.weight.value, self.bias.value[None], gates)
        valid = np.empty((0, 0), np.bool_)
        if mask is not None:
            valid = mask.T
            valid = np.ascontiguousarray(valid[::-1] if self.reverse else valid)
        hidden = empty((T + 1, N, self.units), x.dtype)
        hidden[0] = 0 if state is None else state[:, : self.units]
        with team(N * self.gates * self.units**2):
            memory = self.run(valid, hidden, gates, state)
        cache = (steps, valid, hidden, memory)
        if self.output == "sequence":
            output = empty((N, T, self.units), x.dtype)
            from_steps(hidden[1:], self.reverse, output)
            return output, cache
        return (hidden[T] if self.output == "last" else self.final_state(cache)), cache

    def backward(self, d_output, cache, needs):
        """With d the gradient to the gates' sums: dW = x^T d, dU = h_{t-1}^T d, db = sum of d.

        d comes from the cell's equations, step by step backward (Werbos 1990), and dx = d W^T.
        """
        steps, valid, hidden, memory = cache
        T, N, D = steps.shape
        blocks = block_count(self.units)
        d_states = tuple(empty((blocks, N * UNITS), hidden.dtype) for _ in range(self.states))
        for d_state in d_states:
            d_state[...] = 0
        d_hidden = np.empty((0, 0, 0), hidden.dtype)
        if self.output == "sequence":
            d_hidden = empty((T, N, self.units), hidden.dtype)
            to_steps(np.ascontiguousarray(d_output), self.reverse, d_hidden)
        else:
            for part, d_state in zip(self._parts(d_output), d_states, strict=False):
                to_blocks(part, d_state)
        d_gates = empty((T, blocks, self.gates, N * UNITS), hidden.dtype)
        with team(N * self.gates * self.units**2):
            self.run_back(d_hidden, valid, hidden, memory, d_gates, *d_states)
        d_weight = empty(self.weight.value.shape, hidden.dtype)
        weight_gradient(steps.reshape(T * N, D), d_gates, 0, self.gates, d_weight)
        self.weight.accumulate(d_weight)
        d_bias = empty(self.bias.value.shape, hidden.dtype)
        bias_gradient(d_gates, d_bias.reshape(self.gates, self.units))
        self.bias.accumulate(d_bias)
        d_x = self._input_gradient(d_gates, steps.shape) if needs[0] else None
        d_initial = self._joined(d_states, N) if any(needs[1:2]) else None
        return (d_x, d_initial, None)[: len(needs)]

    def run(self, valid, hidden, gates, state) -> tuple[np.ndarray, ...]:
        """Fill hidden[1:] and return what else the backward sweep of the cell reads."""
        raise NotImplementedError

    def run_back(self, d_hidden, valid, hidden, memory, d_gates, *d_states) -> None:
        """Fill d_gates, turn d_states into gradients to the initial state; accumulate dU."""
        raise NotImplementedError

    def final_state(self, cache) -> np.ndarray:
        """Return the state [N, S] after the last step of a call, from what its cache kept."""
        return cache[2][-1]

    def step(self, x: np.ndarray, state: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Run one step outside of a tape: x [N, D] and a state or None to (output, state)."""
        expect(np.ndim(x) == 2, f"a step takes rows [N, D], not an input of shape {np.shape(x)}")
        _, cache = self.forward(np.asarray(x)[:, None], state, train=False)
        return cache.kept[2][-1], self.final_state(cache.kept)

    def _input_gradient(self, d_gates, shape):
        T, N, D = shape
        d_steps = empty((T, N, D), d_gates.dtype)
        input_gradient(d_gates, self.weight.value, d_steps.reshape(T * N, D))
        d_x = empty((N, T, D), d_gates.dtype)
        from_steps(d_steps, self.reverse, d_x)
        return d_x

    def _parts(self, state):
        """Return a state [N, S], or an output [N, units], as contiguous arrays [N, units]."""
        firsts = range(0, state.shape[1], self.units)
        return [np.ascontiguousarray(state[:, i : i + self.units]) for i in firsts]

    def _joined(self, runs, N):
        """Return runs of blocks as one state [N, S]."""
        state = empty((N, self.states * self.units), runs[0].dtype)
        for number, run in enumerate(runs):
            part = np.empty((N, self.units), run.dtype)
            from_blocks(run, part)
            state[:, number * self.units : (number + 1) * self.units] = part
        return state


def _input_shape(shape):
    """Return the shape of x, which may come with those of a state and a mask."""
    return shape[0] if isinstance(shape[0], tuple) else shape


def _accumulate(parameter: Parameter, states, d_gates, first: int, count: int) -> None:
    """Accumulate the gradient to weights from `states` [T, N, H] to `count` gates from `first`."""
    gradient = empty(parameter.value.shape, d_gates.dtype)
    weight_gradient(states.reshape(-1, states.shape[2]), d_gates, first, count, gradient)
    parameter.accumulate(gradient)


class Elman(Recurrent):
    """h_t = tanh(x_t W + h_{t-1} U + b) (Elman 1990): W [D, H], U [H, H], b [H]."""

    gates = 1

    def run(self, valid, hidden, gates, state) -> tuple[np.ndarray, ...]:
        elman_forward(gates, self.recurrent.value, valid, hidden)
        return ()

    def run_back(self, d_hidden, valid, hidden, memory, d_gates, *d_states) -> None:
        elman_backward(d_hidden, self.recurrent.value, valid, hidden, d_gates, *d_states)
        _accumulate(self.recurrent, hidden[:-1], d_gates, 0, 1)


class LSTM(Recurrent):
    """Long short-term memory with forget gate (Hochreiter & Schmidhuber 1997, Gers et al. 2000).

    W [D, 4 H], U [H, 4 H], b [4 H] in the order input, forget, output, candidate; the equations
    are in kernels/recurrent/lstm.py. The forget gate's bias starts at 1 (Jozefowicz et al. 2015).
    """

    gates = 4
    states = 2
    examples: ClassVar[list] = [
        ({"units": 3}, (4, 2)),
        ({"units": 17, "reverse": True}, (3, 2)),
        ({"units": 3, "output": "state"}, ((2, 3), (6,))),
    ]

    def create(self, shape, rng) -> None:
        super().create(shape, rng)
        self.bias.value[self.units : 2 * self.units] = 1

    def run(self, valid, hidden, gates, state) -> tuple[np.ndarray, ...]:
        T, B, _, size = gates.shape
        cell = empty((T + 1, B, size), gates.dtype)
        cell[0] = 0
        if state is not None:
            to_blocks(self._parts(state)[1], cell[0])
        squashed = empty((T, B, size), gates.dtype)
        memory = lstm.Memory(hidden, cell, gates, squashed)
        lstm.lstm_forward(self.recurrent.value, valid, memory)
        return memory

    def run_back(self, d_hidden, valid, hidden, memory, d_gates, *d_states) -> None:
        gradients = lstm.Gradients(d_gates, *d_states)
        lstm.lstm_backward(d_hidden, self.recurrent.value, valid, memory, gradients)
        _accumulate(self.recurrent, hidden[:-1], d_gates, 0, 4)

    def final_state(self, cache) -> np.ndarray:
        hidden, cell, _, _ = cache[3]
        runs = (np.empty_like(cell[-1]), cell[-1])
        to_blocks(hidden[-1], runs[0])
        return self._joined(runs, hidden.shape[1])


class GRU(Recurrent):
    """The gated recurrent unit (Cho et al. 2014, equations 5-8), reset before the product.

    W [D, 3 H], b [3 H] in the order reset, update, candidate; U [H, 2 H] leads to the gates and
    V [H, H] to the candidate; the equations are in kernels/recurrent/gru.py. reset_after: the reset
    gate acts after the product with V, which has a bias a [H] (kernels/recurrent/
    gru_reset_after.py), as in cuDNN, PyTorch and Keras.
    """

    gates = 3
    settings: ClassVar[Settings] = {**Recurrent.settings, "reset_after": FLAG}
    examples: ClassVar[list] = [
        *Recurrent.examples,
        ({"units": 17, "reset_after": True}, (3, 2)),
        ({"units": 3, "output": "last", "reset_after": True}, ((2, 3), (3,))),
    ]

    def __init__(
        self,
        units: int,
        output: str = "sequence",
        reverse: bool = False,
        reset_after: bool = False,
    ) -> None:
        self.reset_after = reset_after
        super().__init__(units, output, reverse)

    def create_recurrent(self, rng) -> None:
        self.recurrent = Parameter(_gate_weights(self.units, self.units, 2, rng), "recurrent")
        self.candidate = Parameter(_gate_weights(self.units, self.units, 1, rng), "candidate")
        if self.reset_after:
            zeros = np.zeros(self.units, np.float32)
            self.candidate_bias = Parameter(zeros, "candidate_bias", decay=False)

    def run(self, valid, hidden, gates, state) -> tuple[np.ndarray, ...]:
        weights = self.recurrent.value, self.candidate.value
        if self.reset_after:
            products = empty((*gates.shape[:2], gates.shape[3]), gates.dtype)
            kept = gru_reset_after.Memory(hidden, gates, products)
            bias = self.candidate_bias.value
            gru_reset_after.gru_reset_after_forward(*weights, bias, valid, kept)
            return kept
        reset = empty(hidden[1:].shape, gates.dtype)
        memory = gru.Memory(hidden, gates, reset)
        gru.gru_forward(*weights, valid, memory)
        return memory

    def run_back(self, d_hidden, valid, hidden, memory, d_gates, *d_states) -> None:
        weights = (self.recurrent.value, self.candidate.value)
        if self.reset_after:
            inner = empty(d_gates.shape, d_gates.dtype)
            gradients = gru_reset_after.Gradients(d_gates, inner, *d_states)
            gru_reset_after.gru_reset_after_backward(d_hidden, *weights, valid, memory, gradients)
            d_bias = empty((3, self.units), d_gates.dtype)
            bias_gradient(inner, d_bias)
            self.candidate_bias.accumulate(d_bias[2])
            states = hidden[:-1]
        else:
            gru.gru_backward(d_hidden, *weights, valid, memory, d_gates, *d_states)
            inner, states = d_gates, memory.reset_state
        _accumulate(self.recurrent, hidden[:-1], inner, 0, 2)
        _accumulate(self.candidate, states, inner, 2, 1)
