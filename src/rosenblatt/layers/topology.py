"""How recurrent layers are put together: both directions, one above the other, fed back.

Many to one is a layer of output "last"; one to many is `RepeatSteps` before a layer, or the initial
state; many to many with equal steps is any layer of output "sequence", and a `Dense` after it works
on each step alike; with other steps, two layers: the "state" of the first starts the second.
"""

from typing import Any

from rosenblatt.layers.base import SIZE, Module, Shape
from rosenblatt.layers.compose import listed
from rosenblatt.layers.dense import Dense
from rosenblatt.layers.inputs import expect
from rosenblatt.layers.recurrent import Recurrent
from rosenblatt.layers.shape import Concatenate
from rosenblatt.layers.steps import Columns, JoinSteps
from rosenblatt.ranges import check_value


class Bidirectional(Module):
    """Two layers over the same sequence, one from each end, their outputs side by side.

    Schuster & Paliwal 1997. x [N, T, D] and a mask [N, T], or None, to [N, T, units + units].
    """

    def __init__(self, first: Recurrent, second: Recurrent) -> None:
        for cell in (first, second):
            expect(isinstance(cell, Recurrent), f"{cell!r} is not a recurrent layer")
        expect(not first.reverse and second.reverse, "the second layer alone has `reverse`")
        expect(first.output == second.output, "both directions need the same kind of output")
        self.first = first
        self.second = second
        self.join = Concatenate()

    def build(self, shape: Any, rng: Any) -> Shape:
        return self.join.build((self.first.build(shape, rng), self.second.build(shape, rng)), rng)

    def __call__(self, x: Any, mask: Any = None) -> Any:
        return self.join(self.first(x, None, mask), self.second(x, None, mask))


class Stack(Module):
    """Layers one above the other (Graves 2013, figure 1); the recurrent ones get the mask."""

    def __init__(self, layers: list[Module]) -> None:
        self.layers = listed(layers)

    def build(self, shape: Any, rng: Any) -> Shape:
        for layer in self.layers:
            shape = layer.build(shape, rng)
        return shape

    def __call__(self, x: Any, mask: Any = None) -> Any:
        for layer in self.layers:
            if isinstance(layer, Recurrent):
                x = layer(x, None, mask)
            elif isinstance(layer, Bidirectional | Stack):
                x = layer(x, mask)
            else:
                x = layer(x)
        return x


class OutputFeedback(Module):
    """A layer whose output at each step is its input at the next (Jordan 1986): y_0 to y_1 ... y_T.

    x [N, K], the first input, to the outputs [N, steps, K] of `readout`, a dense layer.
    This is the deterministic kind, which gradients pass; `models/decoding.py` has the sampled one.
    """

    def __init__(self, cell: Recurrent, readout: Dense, steps: int) -> None:
        expect(isinstance(cell, Recurrent), f"{cell!r} is not a recurrent layer")
        expect(isinstance(readout, Dense), f"{readout!r} is not a Dense layer")
        check_value("steps", steps, SIZE)
        expect(cell.output == "state", "output feedback needs a layer of output 'state'")
        self.cell = cell
        self.readout = readout
        self.steps = steps
        self.visible = Columns(0, cell.units)
        self.join = JoinSteps()

    def build(self, shape: Any, rng: Any) -> Shape:
        self.cell.build((1, *shape), rng)
        output = self.readout.build((self.cell.units,), rng)
        expect(output == shape, f"the output {output} cannot be the input {shape}")
        return (self.steps, *output)

    def __call__(self, x: Any) -> Any:
        state, outputs = None, []
        for _ in range(self.steps):
            state = self.cell(self.join(x), state)
            x = self.readout(self.visible(state))
            outputs.append(x)
        return self.join(*outputs)
