"""A language model: after each symbol of a text, the probabilities of the next.

A text is cut into N streams that run side by side; a window of T steps is learned from at a time,
and the state is carried from one window to the next (truncated back-propagation through time,
Williams & Peng 1990), so what was read before a window still counts in it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_whole
from rosenblatt.errors import UserError
from rosenblatt.layers import LSTM, Dense, Dropout, Embedding, Module
from rosenblatt.layers.base import SIZE, Settings, Shape
from rosenblatt.models.decoding import log_softmax
from rosenblatt.ranges import BELOW_ONE, Whole, check_settings, check_value
from rosenblatt.tape import Tape, current_tape
from rosenblatt.train.batches import Batch

if TYPE_CHECKING:
    from rosenblatt.train.plan import State

States = tuple[np.ndarray, ...] | None


class LanguageModel(Module):
    """Embedding, LSTMs one above the other, and a dense layer to the logits of the next symbol.

    carried: the states of the LSTMs after the last window that a tape recorded, as copies.
    """

    settings: ClassVar[Settings] = {
        "symbols": SIZE,
        "embedding": SIZE,
        "units": SIZE,
        "depth": Whole(1, 100),
        "dropout": BELOW_ONE,
    }

    def __init__(
        self, symbols: int, embedding: int, units: int, depth: int = 1, dropout: float = 0.0
    ) -> None:
        self.symbols = symbols
        self.embedding = embedding
        self.units = units
        self.depth = depth
        self.dropout = dropout
        check_settings(self)
        self.look_up = Embedding(symbols, embedding)
        self.cells = [LSTM(units) for _ in range(depth)]
        self.drop = Dropout(dropout)
        self.readout = Dense(symbols, initialiser="glorot_uniform")
        self.carried: States = None

    def build(self, shape: Any, rng: Any) -> Shape:
        shape = self.look_up.build(shape, rng)
        for cell in self.cells:
            shape = cell.build(shape, rng)
        return self.readout.build(shape, rng)

    def __call__(self, x: Any, states: States = None) -> Any:
        """Map symbols [N, T], and a state of each LSTM or None, to logits [N, T, symbols]."""
        x = self.look_up(x)
        for number, cell in enumerate(self.cells):
            x = self.drop(cell(x, None if states is None else states[number]))
        if tape := current_tape():
            self.carried = tuple(
                node.layer.final_state(node.cache.kept).copy()
                for node in tape.nodes
                if isinstance(node.layer, LSTM)
            )
        return self.readout(x)

    def step(self, symbols: np.ndarray, states: States) -> tuple[np.ndarray, States]:
        """Map symbols [M] and states, or None, to logits [M, symbols] and the next states."""
        x, following = self.look_up(symbols), []
        for number, cell in enumerate(self.cells):
            x, state = cell.step(x, None if states is None else states[number])
            following.append(state)
        return self.readout(x), tuple(following)

    def loss(self, text: np.ndarray) -> float:
        """Return the mean negative log-likelihood, in nats, of text[1:] given what is before.

        text [N] of two symbols or more. Raises UserError where it is not.
        """
        text = check_whole(text, "N", 0, self.symbols - 1, "text")
        if len(text) < 2:
            raise UserError("a text of one symbol has no next one to foretell; give two or more.")
        states: States = None
        total = 0.0
        for first in range(0, len(text) - 1, EVALUATED):
            window = text[first : first + EVALUATED + 1]
            with Tape(train=False):
                logits = self(window[None, :-1], states).value[0]
                states = self.carried
            total -= float(log_softmax(logits)[np.arange(len(logits)), window[1:]].sum())
        return total / (len(text) - 1)


EVALUATED = 2000  # steps of a text evaluated at a time


class Streams:
    """A text [N] as a source for a language model: windows, the states carried between them.

    Raises UserError as windows.
    """

    def __init__(self, model: LanguageModel, text: np.ndarray, streams: int, steps: int) -> None:
        self.model = model
        self.windows = list(windows(text, streams, steps))

    @property
    def steps(self) -> int:
        return len(self.windows)

    def epoch(self, state: "State") -> Iterator[Batch]:
        carried: States = None
        for inputs, targets in self.windows:
            yield Batch((inputs, carried), targets)
            carried = self.model.carried


def windows(text: np.ndarray, streams: int, steps: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (inputs, targets), both [streams, steps], through the text once.

    text [N] are whole numbers. Raises UserError where the text is shorter than one window of each
    stream, or a setting is out of range.
    """
    check_value("streams", streams, SIZE)
    check_value("steps", steps, SIZE)
    text = check_whole(text, "N", 0, SIZE.high, "text")
    length = (len(text) - 1) // streams
    if length < steps:
        raise UserError(
            f"a text of {len(text):,} symbols is shorter than one window ({streams} streams of "
            f"{steps} steps); give a text of at least {streams * steps + 1:,}."
        )
    inputs = text[: streams * length].reshape(streams, length)
    targets = text[1 : streams * length + 1].reshape(streams, length)
    for first in range(0, length - steps + 1, steps):
        yield inputs[:, first : first + steps], targets[:, first : first + steps]
