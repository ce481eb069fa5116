"""How a kept model is taken apart: each part says what it is, and is answered for by its twin.

These functions are written into scripts as they stand here: NumPy and the standard library only.
"""

import hashlib
import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

TWINS: dict[str, Callable[..., Any]] = {}  # by the name of the class that each answers for
WEIGHTS = ""  # SHA-256 of the file of weights


def twin(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a function the twin of classes; a script lists it in its own TWINS."""

    def listed(function: Callable[..., Any]) -> Callable[..., Any]:
        TWINS.update(dict.fromkeys(names, function))
        return function

    return listed


class UnfitError(ValueError):
    """A file is not one that the model can answer."""


class Part:
    """A part of the model: class_name, what it is, and what it holds, by name."""

    def __init__(self, class_name: str, held: dict) -> None:
        self.class_name = class_name
        self.__dict__.update(held)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"a {self.class_name} holds no {name}")

    def __call__(self, *inputs: Any) -> Any:
        return TWINS[self.class_name](self, *inputs)


def restored(told: Any, arrays: Any) -> Any:
    """Return the value that a description in JSON tells of; arrays by their names."""
    if not isinstance(told, dict):
        return told
    ((kind, held),) = told.items()
    if kind == "array":
        return arrays[held]
    if kind in ("list", "tuple"):
        return [restored(one, arrays) for one in held]
    if kind == "dict":
        return {restored(key, arrays): restored(one, arrays) for key, one in held}
    return Part(kind, {name: restored(one, arrays) for name, one in held.items()})


def load_model(path: Any) -> Part:
    """Return the model beside the script."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != WEIGHTS:
        raise UnfitError(f"{path}: is damaged, or of another script; export both again")
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return restored(json.loads(str(arrays["model"])), arrays)


@twin("pipeline.model.Model")
def votes(model: Part, samples: Any, sets: Any = None) -> np.ndarray:
    """Return the votes of all members for samples, put together, [n, K]."""
    if sets is None:
        return model.rule(np.stack([member[0](samples) for member in model.learned]))
    found = np.zeros((len(model.learned), len(samples), len(model.names)), np.float32)
    for out, member in zip(found, model.learned, strict=True):
        for number in np.unique(sets):
            out[sets == number] = member[number](samples[sets == number])
    return model.rule(found)


@twin("pipeline.jobs.Learned")
def learned(part: Part, samples: Any) -> np.ndarray:
    """Return the votes of a member that has learned, between the ends of what may be answered."""
    votes = part.unscaled(part.fitted(samples), samples)
    return np.clip(votes, *part.ends) if part.ends else votes


@twin("pipeline.jobs.Unchanged")
def unchanged(part: Part, found: np.ndarray, samples: Any) -> np.ndarray:
    return np.asarray(found, np.float32)


@twin("pipeline.jobs.Unscaled")
def unscaled(part: Part, found: np.ndarray, samples: Any) -> np.ndarray:
    """Return values on their own scale, from where they were learned as changes from a column."""
    start = samples[part.start].values[:, None] if part.start else 0
    return found * part.spread + part.mean + start


@twin("features.terms.AsItIs")
def as_it_is(part: Part, samples: Any) -> Any:
    return samples


@twin("features.terms.Chain")
def chain(part: Part, samples: Any) -> np.ndarray:
    return part.second(part.first(samples))


@twin("pipeline.rules.Mean")
def mean(part: Part, found: np.ndarray) -> np.ndarray:
    """Return the members' votes [m, n, K], each times its weight, added up."""
    result = np.zeros(found.shape[1:])
    for weight, member in zip(part.weights, found, strict=True):
        result += weight * member
    return result


@twin("pipeline.rules.Vote")
def vote(part: Part, found: np.ndarray) -> np.ndarray:
    """Return the members' first choices, each times its weight, added up."""
    return mean(part, np.eye(found.shape[2])[found.argmax(2)])


@twin("pipeline.rules.Alone")
def alone(part: Part, found: np.ndarray) -> np.ndarray:
    return found[0]


def softmax(scores: np.ndarray) -> np.ndarray:
    """Return the probabilities [n, K] of scores."""
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def class_shares(scores: np.ndarray) -> np.ndarray:
    """Return the probabilities of scores [n, K]; one score is of the second of two classes."""
    return softmax(scores if scores.shape[1] > 1 else np.hstack([np.zeros_like(scores), scores]))
