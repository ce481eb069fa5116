"""The language model: a state goes from window to window."""

import numpy as np

from rosenblatt.models.language import LanguageModel, Streams
from rosenblatt.tape import Tape
from rosenblatt.train import Adam, State

RNG = np.random.default_rng


def test_a_state_is_carried_from_window_to_window():
    """All windows of a stream, each from the state before, give what the stream gives at once."""
    model = LanguageModel(5, 4, 6, 2)
    model.build((5,), RNG(0))
    source = Streams(model, RNG(1).integers(0, 5, 41), 2, 5)
    state, found = State(Adam(), RNG(0), source.steps, 1), []
    for batch in source.epoch(state):
        with Tape():
            found.append(model(*batch.inputs).value.copy())
    inputs = np.concatenate([window for window, _ in source.windows], axis=1)
    np.testing.assert_allclose(np.concatenate(found, axis=1), model(inputs), atol=1e-6)
