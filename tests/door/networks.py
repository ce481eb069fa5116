"""Every public entry of layers, train and models, with arguments that fit.

A name is of the form layers:Dense, train:accuracy or models.decoding:draw. What is exported and
stands neither in `doors()` nor in MADE makes tests/door/test_networks.py fail.

    NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=DIR python -m tests.door.networks
"""

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from rosenblatt import layers, models, train
from rosenblatt.layers import Dense, Layer
from rosenblatt.models import (
    convolutional,
    decoding,
    dense_evaluation,
    densenet,
    fully_convolutional,
    language,
    random_field,
    residual,
    sentence_pairs,
    translator,
)
from rosenblatt.models.named import NETWORKS
from rosenblatt.train import Network, Plan, mean_squared_error
from rosenblatt.train.bleu import bleu
from rosenblatt.train.metric_losses import contrastive, triplet
from rosenblatt.train.robust import huber, mean_absolute_error
from tests.door.faults import tried
from tests.door.values import Door, kept, rng

N = 4
# What is only made (its settings are tried), holds results, is abstract, or is made of layers.
MADE = {
    "layers:Bidirectional", "layers:Concat", "layers:Layer", "layers:Module",
    "layers:MultiHeadAttention",
    "layers:OutputFeedback", "layers:Residual", "layers:Sequential", "layers:Stack",
    "layers:from_description", "train:SGD", "train:Adam", "train:Callback", "train:Checkpoint",
    "train:Constant",
    "train:Cosine", "train:Cycles", "train:Exponential", "train:Mixup", "train:OneCycle",
    "train:Optimiser", "train:Plan", "train:CSVLog", "train:Progress", "train:ReduceOnPlateau",
    "train:Schedule", "train:Snapshots",
    "train:State", "train:Step", "train:Stochastic", "train:WarmUp", "models.decoding:Symbols",
    "models.decoding:rows", "models.dense_evaluation:as_convolutions",
    "models.random_field:WithField", "models.translator:Encoder", "models.translator:Decoder",
}  # fmt: skip
# Layers that take maps of any number of axes, or read numbers as something else.
FREE = ("ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Softplus", "HardSigmoid", "Sigmoid", "Tanh",
        "Dropout", "Flatten", "Concatenate", "JoinSteps", "RepeatSteps", "Embedding")  # fmt: skip
# Layers that leave out what lies beyond their windows, or squash: 1 is the tanh of infinity.
SQUASHED = (
    "AveragePooling",
    "AveragePooling1D",
    "MaxPooling",
    "MaxPooling1D",
    "Attention",
    "Elman",
    "GRU",
    "GridRecurrent",
    "LSTM",
)
CHANNELS = ("Dense", "BatchNormalisation", "Scale", "Channels", "Columns", "Maxout", "Add",
            "LocalResponseNormalisation", "PReLU", "LayerNormalisation", "RMSNormalisation",
            "GroupNormalisation")  # fmt: skip


def exported() -> Iterator[str]:
    """Yield the names of all public entries."""
    for package in (layers, train):
        yield from (f"{package.__name__.removeprefix('rosenblatt.')}:{n}" for n in package.__all__)
    for one in pkgutil.iter_modules(models.__path__):
        module = importlib.import_module(f"rosenblatt.models.{one.name}")
        for key, value in vars(module).items():
            own = getattr(value, "__module__", "") == module.__name__
            if own and not key.startswith("_") and (inspect.isclass(value) or callable(value)):
                yield f"models.{one.name}:{key}"


def _layer(cls: type[Layer]) -> list[Door]:
    """Return a layer's forward rule as a door: what is no number must come out as none."""
    found = []
    for settings, shape in cls.examples[:1]:
        layer = cls(**settings)
        layer.build(shape, rng())
        shapes = shape if isinstance(shape[0], tuple) else (shape,)
        inputs = {f"x{n}": (rng().random((N, *s)) - 0.5).astype(np.float32)
                  for n, s in enumerate(shapes)}  # fmt: skip
        if cls is layers.RegionPooling:
            corners = np.sort(rng().random((N, shape[1][0], 2, 2)), 2)
            inputs["x1"] = corners.reshape(N, -1, 4).astype(np.float32)
        if cls is layers.Embedding:
            inputs["x0"] = np.zeros((N, *shape), np.int64)

        def run(layer: Layer = layer, **inputs: Any) -> np.ndarray:
            return layer.forward(*inputs.values(), train=False)[0].copy()

        loose = tuple(inputs) if cls.__name__ in (*FREE, *CHANNELS, *SQUASHED) else ()
        if cls is layers.Unpooling or cls is random_field.MeanField:
            loose = ("x1",)  # where its largest are; a picture to compare with
        found.append(Door(kept(run), inputs, loose))
    return found


def _network() -> list[Door]:
    x, y = rng().random((12, 3), np.float32), np.arange(12) % 2
    plan = Plan(epochs=1, batch_size=5)
    values = Plan(epochs=1, batch_size=5, loss=mean_squared_error)

    def fit(x: Any, y: Any, plan: Any) -> np.ndarray:
        return Network([Dense(2)], (3,)).fit(x, y, plan).outputs(rng().random((2, 3)))

    def regress(x: Any, y: Any) -> np.ndarray:
        return Network([Dense(1)], (3,)).fit(x, y, values).predict(rng().random((2, 3)))

    @cache
    def fitted() -> Network:  # once one of these doors is tried
        return Network([Dense(2)], (3,)).fit(x, y, plan)

    found = [*_one(fit, ("y", "plan"), x=x, y=y, plan=plan), *_one(regress, x=x, y=x[:, 0])]
    for ask in ("predict", "predict_proba", "outputs"):
        found += _one(lambda x, ask=ask: getattr(fitted(), ask)(x), x=x)
    found += _one(lambda x, y: fitted().score(x, y), ("y",), x=x, y=y)
    return found


def _step(last: np.ndarray, state: Any) -> tuple[np.ndarray, Any]:
    return np.tile(np.float32([0.1, 0.2, 0.3]), (len(last), 1)), state


def _targets(labels: Any, classes: Any) -> np.ndarray:
    return train.target_weights(labels, classes, np.dtype(np.float32))


def _windows(**given: Any) -> list[Any]:
    return list(language.windows(**given))


def _one(call: Any, loose: tuple[str, ...] = (), **arguments: Any) -> list[Door]:
    return [Door(call, arguments, loose)]


def doors() -> dict[str, list[Door]]:
    """Return the calls of each entry."""
    r = rng()
    labels, values = np.arange(6) % 3, r.random((6, 3)).astype(np.float32)
    begin = {"symbols": decoding.Symbols(0, 1), "longest": 5}
    described = {"embeddings": values, "labels": labels, "margin": 1.0}
    free = ("labels", "embeddings")
    union = fully_convolutional.intersection_over_union
    found = {
        f"layers:{name}": _layer(getattr(layers, name))
        for name in layers.__all__
        if getattr(getattr(layers, name), "examples", ())
    }
    found |= {
        "train:Network": _network(),
        "train:cross_entropy": _one(
            kept(train.cross_entropy), ("logits",), logits=values, targets=labels
        ),
        "train:target_weights": _one(_targets, ("labels",), labels=labels, classes=3),
        "train:mean_squared_error": _pair(mean_squared_error, values),
        "train:accuracy": _one(train.accuracy, ("outputs",), outputs=values, targets=labels),
        "train.robust:huber": _pair(huber, values),
        "train.robust:mean_absolute_error": _pair(mean_absolute_error, values),
        "train.metric_losses:contrastive": _one(kept(contrastive), free, **described),
        "train.metric_losses:triplet": _one(kept(triplet), free, **described),
        "train.bleu:bleu": _one(bleu, candidates=[["a", "b"]], references=[["a", "b"]], longest=2),
        "models.decoding:log_softmax": _one(decoding.log_softmax, ("logits",), logits=values),
        "models.decoding:draw": _one(
            decoding.draw,
            ("top_k", "logits"),
            logits=values[0],
            rng=rng(),
            temperature=1.0,
            top_k=2,
        ),
        "models.decoding:greedy": _one(
            partial(decoding.greedy, state=None), step=_step, count=2, **begin
        ),
        "models.decoding:beam_search": _one(
            partial(decoding.beam_search, state=None),
            step=_step,
            width=2,
            normalisation=1.0,
            **begin,
        ),
        "models.dense_evaluation:patches": _one(
            kept(dense_evaluation.patches), ("image",), image=r.random((6, 6, 1)), side=3, stride=1
        ),
        "models.fully_convolutional:intersection_over_union": _one(
            union, ("predicted", "truth"), predicted=labels, truth=labels, classes=3
        ),
        "models.language:windows": _one(_windows, text=r.integers(0, 3, 40), streams=2, steps=4),
        "models.language:Streams": _one(
            partial(language.Streams, None), text=r.integers(0, 3, 40), streams=2, steps=4
        ),
        "models.random_field:MeanField": _layer(_Field),
    }
    found |= _models()
    found |= _pairs()
    for name, (make, _) in NETWORKS.items():
        found[f"models.named:{name}"] = _one(
            lambda make=make, **given: len(make(**given)), classes=3, width=0.5
        )
    return found


def _models() -> dict[str, list[Door]]:
    """Return the calls of what is made of layers; without a mask all steps count."""
    found = {}
    sizes = {"classes": 3, "kernel_size": 3, "dense": 4, "dropout": 0.5}
    for make in (convolutional.convolutional, residual.residual, densenet.densenet):
        where = make.__module__.removeprefix("rosenblatt.")
        found[f"{where}:{make.__name__}"] = _one(
            lambda make=make, **given: len(make(**given)), blocks=((4,), (4,)), **sizes
        )
    found["models.convolutional:head"] = _one(
        lambda **given: len(convolutional.head(**given)), classes=3, dense=4, dropout=0.5
    )
    found["models.convolutional:normalised"] = _one(
        lambda **given: len(convolutional.normalised(**given)), filters=3, kernel_size=3
    )
    source, target = rng().integers(0, 5, (2, 4)), rng().integers(0, 5, (2, 3))
    asked = {"source": source, "mask": np.ones((2, 4), bool), "target": target}
    encoder, decoder = translator.Encoder(5, 2, 3), translator.Decoder(5, 2, 3)
    pair = translator.EncoderDecoder(encoder, decoder)
    attentive = translator.AttentionTranslator((5, 5), 2, 3)
    for model in (pair, attentive):
        model.build((4,), rng())
        found[f"models.translator:{type(model).__name__}"] = _one(
            lambda model=model, **given: np.array(model(**given)), ("mask",), **asked
        )
    found["models.translator:AttentionTranslator"] += _one(
        attentive.shares, source=source[0], target=target[0]
    )
    model = language.LanguageModel(5, 2, 3)
    model.build((4,), rng())
    found["models.language:LanguageModel"] = [
        *_one(lambda x: np.array(model(x)), x=source),
        *_one(lambda symbols: model.step(symbols, None), symbols=source[0]),
        *_one(model.loss, text=source[0]),
    ]
    pixels = fully_convolutional.FullyConvolutional(3, [2] * 5)
    pixels.build((32, 32, 3), rng())
    found["models.fully_convolutional:FullyConvolutional"] = _one(
        kept(lambda x: np.array(pixels(x))), x=rng().random((1, 32, 32, 3), np.float32)
    )
    return found


def _pairs() -> dict[str, list[Door]]:
    """Return the calls of what translates pairs of sentences."""
    pairs = [(["a", "b"], ["c"]), (["b"], ["d", "c"])]
    languages = sentence_pairs.Languages.of(pairs, 1, True)
    attentive = translator.AttentionTranslator((len(languages.source), len(languages.target)), 2, 3)
    attentive.build((4,), rng())
    asked = {"languages": languages}
    calls: dict[str, list[Door]] = {
        "Languages": _one(
            lambda **given: len(sentence_pairs.Languages.of(**given)),
            pairs=pairs, least=1, reverse=True,
        ),
        "Pairs": _one(
            lambda size, **given: sentence_pairs.Pairs(**given).batches(size).steps,
            pairs=pairs, size=2, **asked,
        ),
        "teacher_forced": _one(
            sentence_pairs.teacher_forced,
            targets=[np.array([2, 3]), np.array([4])], symbols=languages.symbols,
        ),
        "translate": _one(
            partial(sentence_pairs.translate, attentive), sentences=[["a"], ["b", "a"]], longest=3,
            **asked,
        ),
        "translate_by_beam": _one(
            partial(sentence_pairs.translate_by_beam, attentive), sentence=["a", "x"], width=2,
            normalisation=1.0, **asked,
        ),
        "scores": _one(sentence_pairs.scores, candidates=[["a", "b"]], references=[["a", "b"]]),
    }  # fmt: skip
    return {f"models.sentence_pairs:{name}": doors for name, doors in calls.items()}


class _Field(random_field.MeanField):
    examples = (({"reach": 2, "steps": 1}, ((3, 4, 2), (3, 4, 3))),)


def _pair(loss: Any, values: np.ndarray) -> list[Door]:
    names = list(inspect.signature(loss).parameters)[:2]
    return [Door(kept(loss), {names[0]: values, names[1]: values[::-1].copy()}, (names[0],))]


def main(names: list[str]) -> int:
    """Try the doors of these names, or all, with every wrong value; return the number of faults."""
    known, faults = doors(), 0
    for name in names or known:
        for door in known[name]:
            for what, wrong in tried(door):
                if wrong:
                    faults += 1
                    print(f"{name}: {what} {wrong}", flush=True)
    return faults


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
