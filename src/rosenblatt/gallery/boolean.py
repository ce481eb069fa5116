"""Any Boolean function by a two-layer network: a hidden unit for each input that gives true.

Inputs are -1 and 1. The unit of a positive p computes max(0, p x - (D - 1)): p x is D where x = p
and at most D - 2 elsewhere, so it is 1 for its own input and 0 for all others. The output adds
them up (the disjunctive normal form as a network); without a positive it has no units to add, and
is 0. Exact, but some functions need 2^(D - 1) units.
"""

from typing import Any

import numpy as np

from rosenblatt.gallery.runner import Settings
from rosenblatt.layers import Dense, Sequential
from rosenblatt.report.style import BLUE, GREEN, ORANGE, figure


def inputs(bits: int) -> np.ndarray:
    """Return all inputs of so many bits, [2^D, D] float32 of -1 and 1."""
    numbers = np.arange(2**bits)[:, None] >> np.arange(bits)
    return (2.0 * (numbers & 1) - 1).astype(np.float32)


def network(truth: np.ndarray) -> Sequential:
    """Return the network of a function, given its values [2^D] for `inputs(D)`.

    Its output is 1 where the function is true, else 0.
    """
    bits = int(truth.size).bit_length() - 1
    positives = inputs(bits)[truth]
    output = Dense(1)
    if not len(positives):
        module = Sequential([output])
        module.build((bits,), None)  # zeros
        return module
    hidden = Dense(len(positives), activation="relu")
    module = Sequential([hidden, output])
    module.build((bits,), None)
    hidden.weight.value[...] = positives.T
    hidden.bias.value[...] = 1 - bits
    output.weight.value[...] = 1
    return module


def functions(bits: int, random: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return functions of so many bits by name, as their values [2^D]."""
    x = inputs(bits) > 0
    found = {
        "parity": x.sum(1) % 2 == 1,
        "majority": 2 * x.sum(1) > bits,
        "all": x.all(1),
        "always": np.ones(len(x), bool),
        "never": np.zeros(len(x), bool),
    }
    return found | {f"random {number}": rng.random(len(x)) < 0.5 for number in range(random)}


def every_function(bits: int) -> np.ndarray:
    """Return all functions of so many bits, [2^2^D, 2^D]."""
    numbers = np.arange(2 ** (2**bits))[:, None] >> np.arange(2**bits)
    return (numbers & 1).astype(bool)


def wrong(truth: np.ndarray) -> int:
    """Return how many inputs the network of a function gets wrong: any number but 0 or 1 is."""
    bits = int(truth.size).bit_length() - 1
    return int((network(truth)(inputs(bits))[:, 0] != truth).sum())


def run(settings: Settings) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    most, random = (7, 5) if settings.quick else (10, 50)
    units: dict[str, list[int]] = {}
    tried, mistakes = 0, 0
    for bits in (1, 2, 3):
        for truth in every_function(bits):
            tried, mistakes = tried + 1, mistakes + wrong(truth)
    for bits in range(1, most + 1):
        for name, truth in functions(bits, random, rng).items():
            tried, mistakes = tried + 1, mistakes + wrong(truth)
            units.setdefault(name, []).append(int(truth.sum()))
        settings.say(f"{bits} bits: {tried} functions so far, {mistakes} wrong outputs")
    draw(units, most, settings)
    return {
        "functions": tried, "wrong_outputs": mistakes, "most_bits": most,
        "units_of_parity": units["parity"],
    }  # fmt: skip


def draw(units: dict[str, list[int]], most: int, settings: Settings) -> None:
    """Draw what each hidden unit says to each input, and how many units functions need."""
    truth = functions(4, 0, np.random.default_rng(0))["parity"]
    module = network(truth)
    responses = module.layers[0](inputs(4))
    with figure(settings.picture, 16, 7) as drawing:
        left, right = drawing.subplots(1, 2)
        shown = np.concatenate([inputs(4), np.full((16, 1), np.nan), 2 * responses - 1], axis=1)
        left.imshow(shown, cmap="Greys", vmin=-1, vmax=1.4)
        left.set(title="parity of 4 bits: its inputs, and its 8 units' responses",
                 xlabel="bits                units", ylabel="input")  # fmt: skip
        left.set_xticks([0, 3, 5, 12], ["1", "4", "1", "8"])
        bits = range(1, most + 1)
        for name, color, marker in (
            ("parity", BLUE, "o"), ("majority", ORANGE, "^"), ("random 0", GREEN, "s"),
        ):  # fmt: skip
            label = name.removesuffix(" 0")
            right.semilogy(bits, units[name], color=color, marker=marker, ms=4, label=label)
        right.set(title="units that a function needs", xlabel="bits", ylabel="hidden units")
        right.legend()
