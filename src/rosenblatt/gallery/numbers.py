"""Number words in English and French: one encoder for both languages, three decoders.

"two hundred five" and "deux cent cinq" are read by one encoder; a decoder each writes English,
French and digits. The picture shows what the encoder makes of a number in both languages: the two
largest principal components of its state (Sutskever et al. 2014, figure 2).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.data.corpus import Vocabulary
from rosenblatt.gallery.runner import SEED, EpochLog, Settings
from rosenblatt.layers import Module
from rosenblatt.models.sentence_pairs import (
    START,
    STOP,
    UNKNOWN,
    Languages,
    Pairs,
    scores,
    translate,
)
from rosenblatt.models.translator import Decoder, Encoder, EncoderDecoder
from rosenblatt.report.labels import name_points
from rosenblatt.report.style import BLUE, ORANGE, figure
from rosenblatt.train import Adam, Cosine, Plan, State
from rosenblatt.train.batches import Batch
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import padded_cross_entropy

BATCH = 32
ROUTES = (("english", "french"), ("french", "english"), ("english", "digits"), ("french", "digits"))
DRAWN = (3, 4, 17, 40, 45, 71, 80, 96, 300, 305, 371, 400, 417, 771, 796, 980)

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
UNITES = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix",
    "onze", "douze", "treize", "quatorze", "quinze", "seize",
)  # fmt: skip
DIZAINES = ("vingt", "trente", "quarante", "cinquante", "soixante")


def english(n: int) -> list[str]:
    """Return 0 <= n < 1000 in words."""
    if n >= 100:
        return [ONES[n // 100], "hundred", *(english(n % 100) if n % 100 else [])]
    if n < 20:
        return [ONES[n]]
    return [TENS[n // 10 - 2], *([ONES[n % 10]] if n % 10 else [])]


def french(n: int) -> list[str]:
    """Return 0 <= n < 1000 in words, as in France: 97 is four twenties, ten, seven."""
    if n >= 100:
        rest = french(n % 100) if n % 100 else []
        return [*([UNITES[n // 100]] if n >= 200 else []), "cent", *rest]
    if n < 17:
        return [UNITES[n]]
    if n < 20:
        return ["dix", UNITES[n - 10]]
    if n >= 80:
        return ["quatre", "vingt", *(french(n - 80) if n > 80 else [])]
    tens = 60 if n >= 70 else n // 10 * 10
    joint = ["et"] if n % 10 == 1 else []
    return [DIZAINES[tens // 10 - 2], *([*joint, *french(n - tens)] if n > tens else [])]


WRITE = {"english": english, "french": french, "digits": lambda n: list(str(n))}


class Polyglot(Module):
    """One encoder and a decoder for each target language; each route shares them."""

    def __init__(self, source: Vocabulary, targets: dict[str, Vocabulary], units: int) -> None:
        self.encoder = Encoder(len(source), 32, units)
        self.decoders = {name: Decoder(len(v), 32, units) for name, v in targets.items()}
        self.routes = {name: EncoderDecoder(self.encoder, d) for name, d in self.decoders.items()}

    def build(self, shape: Any, rng: Any) -> tuple[int, ...]:
        for route in self.routes.values():
            output = route.build(shape, rng)
        return output

    def __call__(self, source: Any, mask: Any, given: Any, language: str) -> Any:
        return self.routes[language](source, mask, given)


class Routes(NamedTuple):
    """A source: the pairs of each route, one route after the other."""

    pairs: dict[tuple[str, str], Pairs]

    @property
    def steps(self) -> int:
        return sum(pairs.batches(BATCH).steps for pairs in self.pairs.values())

    def epoch(self, state: State) -> Iterator[Batch]:
        for (_, language), pairs in self.pairs.items():
            for batch in pairs.batches(BATCH).epoch(state):
                yield batch._replace(inputs=(*batch.inputs, language))


def principal_components(x: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the coordinates of rows x on the largest components, and their shares of variance."""
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(directions[np.arange(count), np.abs(directions[:count]).argmax(axis=1)])
    return centred @ (directions[:count] * signs[:, None]).T, (sizes**2 / np.sum(sizes**2))[:count]


def run(settings: Settings) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    order = rng.permutation(1000)
    train, test = np.sort(order[:800]), np.sort(order[800:])
    source = Vocabulary.of(
        (WRITE[s](n) for n in range(1000) for s in ("english", "french")), 1, UNKNOWN
    )
    targets = {
        name: Vocabulary.of(map(write, range(1000)), 1, UNKNOWN, START, STOP)
        for name, write in WRITE.items()
    }
    model = Polyglot(source, targets, 64 if settings.quick else 128)
    model.build((8,), rng)
    pairs = {
        (s, t): Pairs(
            [(WRITE[s](n), WRITE[t](n)) for n in train], Languages(source, targets[t], True)
        )
        for s, t in ROUTES
    }
    plan = Plan(
        3 if settings.quick else 40, optimiser=Adam(), schedule=Cosine(0.004), clip_norm=5.0,
        loss=padded_cross_entropy, metric=None, seed=SEED, callbacks=(EpochLog(settings),),
    )  # fmt: skip
    fit(model, Routes(pairs), plan)
    exact = {}
    for s, t in ROUTES:
        given = translate(model.routes[t], pairs[s, t].languages, [WRITE[s](n) for n in test])
        exact[f"{s} to {t}"] = scores(given, [WRITE[t](n) for n in test])["exact"]
    shares = draw(model, pairs["english", "french"].languages, settings)
    return {"trained_on": len(train), "unseen": len(test), "exact": exact, "variance_drawn": shares}


def draw(model: Polyglot, languages: Languages, settings: Settings) -> float:
    """Draw the encoder's states of some numbers; return their share of the variance."""
    states = [
        model.encoder(languages.read(WRITE[name](n))[None])[0]
        for name in ("english", "french")
        for n in DRAWN
    ]
    points, shares = principal_components(np.array(states), 2)
    with figure(settings.picture, 13, 10) as drawing:
        axes = drawing.subplots()
        names: list[tuple[float, float, str, str]] = []
        for first, color, marker, name in (
            (0, BLUE, "o", "English"), (len(DRAWN), ORANGE, "^", "French"),
        ):  # fmt: skip
            some = points[first : first + len(DRAWN)]
            axes.scatter(some[:, 0], some[:, 1], color=color, marker=marker, s=22, label=name)
            names += [(x, y, str(n), color) for n, (x, y) in zip(DRAWN, some, strict=True)]
        for one, other in zip(points[: len(DRAWN)], points[len(DRAWN) :], strict=True):
            axes.plot([one[0], other[0]], [one[1], other[1]], color="0.75", linewidth=0.6, zorder=0)
        axes.set(xlabel=f"first component ({shares[0]:.0%} of the variance)",
                 ylabel=f"second component ({shares[1]:.0%})",
                 title="the encoder's state after a number in words")  # fmt: skip
        axes.legend()
        name_points(axes, names)
    return round(float(shares.sum()), 3)
