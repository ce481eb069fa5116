"""The Fisher kernel of a hidden Markov model: how a sequence would have the model change."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rosenblatt.features.gram import Kernel, Linear, Normalised
from rosenblatt.features.sequences import check_letters
from rosenblatt.features.terms import ALONE, Comparison, Term, as_it_is
from rosenblatt.features.virtual import Variants
from rosenblatt.kept import Kept
from rosenblatt.kernels.similarity.hidden_markov import Model, expectations
from rosenblatt.ranges import GENERATOR, Whole, check_value

LEAST = 1e-3  # added to expected counts: no letter and no step becomes impossible
STATES = Whole(1, 64)  # a sequence's gradient has states squared numbers
Counts = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class HiddenMarkov(Kept):
    """A model of DNA: the probabilities initial [S], transition [S, S] and emission [S, 4]."""

    initial: np.ndarray
    transition: np.ndarray
    emission: np.ndarray

    axes: ClassVar = {
        "initial": "float64 S",
        "transition": "float64 S S",
        "emission": "float64 S L",
    }

    @classmethod
    def fit(
        cls, sequences: np.ndarray, states: int, rng: np.random.Generator, rounds: int = 30
    ) -> tuple[Self, list[float]]:
        """Return the model, and the mean log-likelihood of sequences [N, L] before each round.

        Expectation-maximisation (Baum et al. 1970), started near equal probabilities. Raises
        UserError as check_letters, or where states or rounds are none.
        """
        check_value("states", states, STATES)
        check_value("rng", rng, GENERATOR)
        check_value("rounds", rounds, Whole(0, 100_000))
        sequences = check_letters(sequences)
        model = cls(*(_shares(1 + rng.random(shape))
                      for shape in ((states,), (states, states), (states, 4))))  # fmt: skip
        history = []
        for _ in range(rounds):
            counts, likelihoods = model.expect(sequences)
            history.append(float(likelihoods.mean()))
            model = cls(*(_shares(count.sum(0) + LEAST) for count in counts))
        return model, history

    def expect(self, sequences: np.ndarray) -> tuple[Counts, np.ndarray]:
        """Return expected starts [N, S], moves [N, S, S], letters [N, S, 4]; log-likelihoods.

        Raises UserError as check_letters.
        """
        sequences = check_letters(sequences)
        N, S = len(sequences), len(self.initial)
        counts = np.zeros((N, S)), np.zeros((N, S, S)), np.zeros((N, S, 4))
        likelihoods = np.empty(N)
        model = Model(self.initial, self.transition, self.emission)
        expectations(sequences, model, *counts, likelihoods)
        return counts, likelihoods

    def gradient(self, sequences: np.ndarray) -> np.ndarray:
        """Return the gradient of each log-likelihood, [N, S + S S + 4 S] float64.

        By the logits of the probabilities, p = softmax(logits): the expected count less p times
        the count of its group (Jaakkola & Haussler 1999, equation 8).
        """
        counts, _ = self.expect(sequences)
        tables = self.initial, self.transition, self.emission
        parts = [
            count - table * count.sum(-1, keepdims=True)
            for count, table in zip(counts, tables, strict=True)
        ]
        return np.concatenate([part.reshape(len(sequences), -1) for part in parts], 1)


@dataclass(frozen=True)
class FisherKernel(Kernel):
    """k(x, y) = u(x) F^-1 u(y), u the gradient of the log-likelihood, F its information.

    F is taken to be diagonal: factors [D] are its diagonal to the power -1/2, learned from the mean
    squares of the gradient over training sequences.
    """

    model: HiddenMarkov
    factors: np.ndarray

    @classmethod
    def fit(cls, model: HiddenMarkov, sequences: np.ndarray) -> Self:
        """Learn the factors from sequences [N, L]."""
        squares = np.square(model.gradient(sequences)).mean(0)
        return cls(model, np.where(squares > 1e-12, 1 / np.sqrt(np.maximum(squares, 1e-12)), 0))

    def describe(self, sequences: np.ndarray) -> np.ndarray:
        """Return F^(-1/2) u, [N, D] float32, whose products are the kernel."""
        return (self.model.gradient(sequences) * self.factors).astype(np.float32)

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        return Linear()(self.describe(x), None if y is None else self.describe(y))

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return Linear().diagonal(self.describe(x))


@dataclass(frozen=True)
class HiddenMarkovTerm(Term):
    """How sequences would have a hidden Markov model of the training sequences change.

    The Fisher kernel, cosine-normalised; learned from the rows that the machine learns from.
    """

    kind: str = "hidden_markov"
    states: int = 6
    rounds: int = 30

    takes = ("sequences",)
    settings: ClassVar = {"states": STATES, "rounds": Whole(0, 1000)}

    def learn(
        self,
        samples: np.ndarray,
        seed: int,
        known: np.ndarray | None = None,
        copies: Variants = ALONE,
        target: np.ndarray | None = None,
        fold: np.ndarray | None = None,
    ) -> Comparison:
        rng = np.random.default_rng(seed)
        model, _ = HiddenMarkov.fit(samples, self.states, rng, self.rounds)
        return Comparison(as_it_is, Normalised(FisherKernel.fit(model, samples)), samples)


def _shares(counts: np.ndarray) -> np.ndarray:
    return counts / counts.sum(-1, keepdims=True)
