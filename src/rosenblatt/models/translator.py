"""From one sequence to another of other length: an encoder reads, a decoder writes.

Sources are symbols [N, S] with a mask [N, S]; the decoder is given START and the target's symbols
[N, T] (teacher forcing) and returns logits [N, T, V] of the next one each.
"""

from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_whole
from rosenblatt.layers import (
    GRU,
    LSTM,
    Attention,
    Bidirectional,
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    JoinSteps,
    Module,
    Sequential,
    Tanh,
)
from rosenblatt.layers.base import SIZE, Settings, Shape
from rosenblatt.ranges import BELOW_ONE, Each, check_settings

SIZES: Settings = {"symbols": SIZE, "embedding": SIZE, "units": SIZE, "dropout": BELOW_ONE}


class Encoder(Module):
    """Symbols to one vector: the state [N, 2 units] of an LSTM after the last symbol."""

    settings: ClassVar[Settings] = SIZES

    def __init__(self, symbols: int, embedding: int, units: int, dropout: float = 0.0) -> None:
        self.symbols = symbols
        self.embedding = embedding
        self.units = units
        self.dropout = dropout
        check_settings(self)
        self.look_up = Sequential([Embedding(symbols, embedding), Dropout(dropout)])
        self.cell = LSTM(units, "state")

    def build(self, shape: Any, rng: Any) -> Shape:
        return self.cell.build(self.look_up.build(shape, rng), rng)

    def __call__(self, source: Any, mask: Any = None) -> Any:
        return self.cell(self.look_up(source), None, mask)


class Decoder(Module):
    """A vector to symbols: a language model that starts from the encoder's state."""

    settings: ClassVar[Settings] = SIZES

    def __init__(self, symbols: int, embedding: int, units: int, dropout: float = 0.0) -> None:
        self.symbols = symbols
        self.embedding = embedding
        self.units = units
        self.dropout = dropout
        check_settings(self)
        self.look_up = Sequential([Embedding(symbols, embedding), Dropout(dropout)])
        self.cell = LSTM(units)
        self.readout = Sequential([Dropout(dropout), Dense(symbols, initialiser="glorot_uniform")])

    def build(self, shape: Any, rng: Any) -> Shape:
        return self.readout.build(self.cell.build(self.look_up.build(shape, rng), rng), rng)

    def __call__(self, symbols: Any, state: Any) -> Any:
        return self.readout(self.cell(self.look_up(symbols), state))

    def step(self, symbols: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """Map symbols [M] and a state to logits [M, V] and the next state."""
        output, state = self.cell.step(self.look_up(symbols), state)
        return self.readout(output), state


class EncoderDecoder(Module):
    """An encoder and a decoder with weights of their own (Sutskever, Vinyals & Le 2014).

    Either may stand in several of these at once: one encoder for several target languages, one
    decoder for several source languages.
    """

    def __init__(self, encoder: Encoder, decoder: Decoder) -> None:
        self.encoder = encoder
        self.decoder = decoder

    def build(self, shape: Any, rng: Any) -> Shape:
        self.encoder.build(shape, rng)
        return self.decoder.build(shape, rng)

    def __call__(self, source: Any, mask: Any, target: Any) -> Any:
        return self.decoder(target, self.encoder(source, mask))

    def start(self, source: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return the state that the decoder's first step needs."""
        return self.encoder(source, mask)

    def step(self, symbols: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """Map symbols [M] and a state to logits [M, V] and the next state."""
        return self.decoder.step(symbols, state)


class AttentionTranslator(Module):
    """A decoder that looks at all of the source at each step (Bahdanau, Cho & Bengio 2015).

    Two GRUs read the source, one from each end; at step t the GRU of the decoder is given the last
    symbol and the context that its state s_{t-1}, zero at first, has chosen. The readout sees
    s_t and the context through one layer of tanh.
    """

    settings: ClassVar[Settings] = SIZES | {"symbols": Each(SIZE, 2, 2)}

    def __init__(
        self, symbols: tuple[int, int], embedding: int, units: int, dropout: float = 0.0
    ) -> None:
        self.symbols = symbols
        self.embedding = embedding
        self.units = units
        self.dropout = dropout
        check_settings(self)
        self.look_up_source = Sequential([Embedding(symbols[0], embedding), Dropout(dropout)])
        self.reader = Bidirectional(GRU(units), GRU(units, reverse=True))
        self.key = Dense(units, initialiser="glorot_uniform")
        self.query = Dense(units, initialiser="glorot_uniform")
        self.attention = Attention()
        self.look_up_target = Embedding(symbols[1], embedding)
        self.drop = Dropout(dropout)
        self.cell = GRU(units, "last")
        self.inputs = Concatenate()
        self.join = JoinSteps()
        self.readout = Sequential([
            Dense(embedding, initialiser="glorot_uniform"), Tanh(), Dropout(dropout),
            Dense(symbols[1], initialiser="glorot_uniform"),
        ])  # fmt: skip

    def build(self, shape: Any, rng: Any) -> Shape:
        (S,), U, E = shape, self.units, self.embedding
        self.reader.build(self.look_up_source.build(shape, rng), rng)
        self.key.build((S, 2 * U), rng)
        self.query.build((U,), rng)
        self.attention.build(((U,), (S, U), (S, 2 * U)), rng)
        self.look_up_target.build(shape, rng)
        self.cell.build((1, E + 2 * U), rng)
        return self.readout.build((S, 3 * U), rng)

    def __call__(self, source: Any, mask: Any, target: np.ndarray) -> Any:
        target = check_whole(target, "N T", 0, self.symbols[1] - 1, "target")
        state, memory = self.start(source, mask)
        seen = []
        for t in range(target.shape[1]):
            state, context = self._next(target[:, t], state, memory)
            seen.append(self.inputs(state, context))
        return self.readout(self.join(*seen))

    def _next(self, symbols: np.ndarray, state: Any, memory: Any) -> Any:
        context = self.attention(self.query(state), *memory)
        x = self.inputs(self.drop(self.look_up_target(symbols)), context)
        return self.cell(self.join(x), state), context

    def start(self, source: np.ndarray, mask: np.ndarray) -> tuple[Any, Any]:
        """Return the first state, and what the attention looks at: keys, values, mask."""
        values = self.reader(self.look_up_source(source), mask)
        state = np.zeros((len(source), self.units), self.key.bias.value.dtype)
        return state, (self.key(values), values, mask)

    def step(self, symbols: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
        """Map symbols [M] and a state to logits [M, V] and the next state."""
        hidden, memory = state
        hidden, context = self._next(symbols, hidden, memory)
        return self.readout(self.inputs(hidden, context)), (hidden, memory)

    def shares(self, source: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Return how much each step of a target [T] looked at each symbol of its source: [T, S]."""
        source = check_whole(source, "S", 0, self.symbols[0] - 1, "source")
        target = check_whole(target, "T", 0, self.symbols[1] - 1, "target")
        state, memory = self.start(source[None], np.ones((1, len(source)), np.bool_))
        shares = []
        for symbol in target:
            shares.append(self.attention.shares(self.query(state), *memory)[1][0])
            state, _ = self._next(np.array([symbol]), state, memory)
        return np.array(shares)
