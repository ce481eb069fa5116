"""A network for use: built for one input shape, it fits, predicts, scores, saves and loads."""

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.classic.base import determination
from rosenblatt.classic.inputs import label_array
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.layers import Module
from rosenblatt.layers.compose import Layers, chain
from rosenblatt.layers.inputs import check_shape
from rosenblatt.ranges import FLAG, NONE, SEED, Either, Kind, check_value
from rosenblatt.shown import as_html
from rosenblatt.tape import Arena, without_tape
from rosenblatt.train import answers, store
from rosenblatt.train.answers import ANSWERS, LABELS, VALUE, VALUES
from rosenblatt.train.batches import Batches
from rosenblatt.train.fit import Validation, fit
from rosenblatt.train.losses import accuracy
from rosenblatt.train.plan import Plan
from rosenblatt.train.progress import Progress
from rosenblatt.train.rate_finder import RateSearch, find_rate
from rosenblatt.train.summary import rows, summary

# Rows predicted at a time; fewer where a layer gives so many numbers a row that those of 256 leave
# the cache before the next layer sees them.
BATCH, FEW, MANY = 256, 64, 1 << 15
PLAN = Either(Kind(Plan, "a Plan"), NONE)


class Network(Kept, Module):
    """Layers, built for inputs of `input_shape`, whose weights come from `seed`.

    layers is a list, or a module. Without a seed (None) the weights are zeros, to be loaded.

    answers: "labels", "values" or, where one output gives one number a row, "value"; without it
    the loss of the first fit decides: cross_entropy teaches labels; squares, amounts and Huber's
    loss teach values. classes names the labels in the order of the outputs; without it the first
    fit does: labels within 0 ... K - 1 are the numbers of the K outputs, others their sorted
    values. For labels the last layer gives logits: the softmax belongs to loss and prediction.

    Inputs and targets are checked once a call, before any layer sees them: UserError where they
    are no numbers, of another shape, or not finite. Values are learned and answered in `dtype`,
    float32, as they are given: of those far from 0 it holds seven digits, and tiny ones teach
    nothing. Give (y - mean) / deviation, and bring the answers back in float64.
    """

    replays = True

    def __init__(
        self,
        layers: Layers,
        input_shape: tuple[int, ...],
        classes: Any = None,
        seed: int | None = 0,
        answers: str | None = None,
    ) -> None:
        check_value("seed", seed, Either(SEED, NONE))
        check_value("answers", answers, ANSWERS)
        self.layers = chain(layers)
        self.input_shape = tuple(input_shape) if isinstance(input_shape, list) else input_shape
        check_shape((self.input_shape,))
        self.classes = None if classes is None else label_array(classes).tolist()
        self.seed = seed
        self.answers = answers
        self.arena = Arena()
        self.history: list[dict[str, Any]] = []
        self._most_numbers: int | None = None  # of a layer's output for a row, once it was asked
        rng = None if seed is None else np.random.default_rng(seed)
        self.output_shape = self.layers.build(self.input_shape, rng)
        self._check_classes()

    def _check_classes(self) -> None:
        if self.classes is None:
            return
        if np.ndim(self.classes) != 1:
            raise UserError(f"classes = {self.classes!r}: give a list of labels.")
        if self.answers in (VALUE, VALUES):
            raise UserError("a network that answers values has no classes.")
        outputs = self.output_shape[-1] if self.output_shape else 0
        if outputs != len(self.classes) or len(set(self.classes)) != outputs:
            raise UserError(
                f"the network has {outputs} outputs for {len(self.classes)} classes; give each "
                "output one label of its own."
            )

    def __call__(self, x: Any) -> Any:
        return self.layers(x)

    @property
    def classes_(self) -> np.ndarray | None:
        """Return the labels in the order of the outputs, None where there are none yet."""
        return None if self.classes is None else np.asarray(self.classes)

    @property
    def dtype(self) -> np.dtype:
        """Return the floating type of the weights, float32 unless cast."""
        return next((p.value.dtype for _, p in self.walk()), np.dtype(np.float32))

    def prepare(self, x: np.ndarray) -> np.ndarray:
        """Return inputs as C-contiguous numbers of the network's type; a copy only where needed."""
        return np.ascontiguousarray(x, self.dtype)

    def fit(
        self,
        x: Any,
        y: Any,
        plan: Plan | None = None,
        validation: Any = None,
        verbose: bool = False,
    ) -> "Network":
        """Train on inputs x [N, *input_shape] and labels or targets y [N, ...]; return self.

        y: labels of any kind, texts or whole numbers, or weights of the classes [N, ..., K]; for a
        loss of values, numbers of the outputs' shape. validation: such a pair, whose best epoch is
        kept (see fit.fit). A second fit goes on from the weights, with the Plan it is given, and
        its epochs are added to `history`. verbose: show how it goes, as Progress does.
        """
        check_value("plan", plan, PLAN)
        check_value("verbose", verbose, FLAG)
        plan = plan or Plan()
        if plan.patience is not None and validation is None:
            raise UserError("patience needs validation data: fit(x, y, plan, validation=(x, y)).")
        inputs = self._inputs(x)
        if len(inputs) == 0:
            raise UserError("there is no row to learn from.")
        learned = self.classes, self.answers
        try:
            targets = self._targets(y, len(inputs), plan.loss)
            held = None if validation is None else self._held(validation, plan.loss)
        except UserError:
            self.classes, self.answers = learned  # what was refused teaches nothing
            raise
        if self.answers != LABELS and plan.metric is accuracy:
            plan = dataclasses.replace(plan, metric=None)
        if verbose:
            plan = dataclasses.replace(plan, callbacks=(*plan.callbacks, Progress()))
        before = self.history[-1] if self.history else {"epoch": 0, "step": 0}
        source = Batches(self, (inputs, targets), plan)
        for row in fit(self, source, plan, held, self.arena).history:
            counts = {name: before[name] + row[name] for name in ("epoch", "step")}
            self.history.append(row | counts)
        return self

    def find_rate(
        self,
        x: Any,
        y: Any,
        plan: Plan | None = None,
        low: float = 1e-6,
        high: float = 10.0,
        steps: int = 100,
    ) -> RateSearch:
        """Return how the loss goes while the rate rises from low to high; nothing is learned.

        x, y and plan as `fit` takes them. Smith 2017, "Cyclical learning rates for training neural
        networks", section 3.3. `suggested` is a rate to begin with, as the highest of a schedule.
        Raises UserError as `fit`, and as rate_finder.find_rate.
        """
        check_value("plan", plan, PLAN)
        plan = plan or Plan()
        learned, inputs = (self.classes, self.answers), self._inputs(x)
        if len(inputs) == 0:
            raise UserError("there is no row to learn from.")
        try:
            source = Batches(self, (inputs, self._targets(y, len(inputs), plan.loss)), plan)
            return find_rate(self, source, plan, (low, high), steps)
        finally:
            self.classes, self.answers = learned

    def history_frame(self) -> Any:
        """Return the history as a pandas DataFrame, one row an epoch."""
        import pandas

        return pandas.DataFrame(self.history)

    def outputs(self, x: Any) -> np.ndarray:
        """Return the last layer's outputs for x [N, *input_shape], computed in batches."""
        x, dtype = self._inputs(x), self.dtype
        result = np.empty((len(x), *self.output_shape), dtype)
        step = self._rows_at_a_time(len(x))
        arena = Arena() if self.arena.in_use else self.arena  # a metric may ask while it learns
        for first in range(0, len(x), step):
            with arena, without_tape():
                batch = np.ascontiguousarray(x[first : first + step], dtype)
                result[first : first + step] = self(batch)
        if not np.isfinite(result).all():
            row = int(np.argwhere(~np.isfinite(result))[0][0])
            raise UserError(
                f"the outputs of row {row + 1} are beyond {dtype}: its inputs reach "
                f"{np.abs(x[row]).max():.3g}; scale them as those that were learned from."
            )
        return result

    def _rows_at_a_time(self, count: int) -> int:
        """Return how many of `count` rows are predicted together: it depends on shapes alone."""
        if count <= FEW:
            return FEW
        if self._most_numbers is None:
            self._most_numbers = max((math.prod(row.output) for row in rows(self)), default=0)
        return FEW if self._most_numbers > MANY else BATCH

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the softmax of the outputs, [N, ..., classes]."""
        if self.answers in (VALUE, VALUES):
            raise UserError("a network that answers values has no probabilities; ask predict.")
        logits = self.outputs(x)
        probabilities = np.empty_like(logits)
        K = logits.shape[-1]
        softmax(logits.reshape(-1, K), probabilities.reshape(-1, K))
        return probabilities

    def predict(self, x: Any) -> np.ndarray:
        """Return the most probable label of each row, the first of equal ones; or the values.

        Values are [N, *output_shape], without the last axis where `answers` is "value".
        """
        if self.answers in (VALUE, VALUES):
            outputs = self.outputs(x)
            return outputs[..., 0] if self.answers == VALUE else outputs
        if self.classes is None:
            raise UserError("this network has no classes yet: fit it, or name them: classes=[...].")
        return np.asarray(self.classes)[self.outputs(x).argmax(-1)]

    def score(self, x: Any, y: Any) -> float:
        """Return the share of labels predicted right, or of values the coefficient R^2.

        y as fit takes it; of weights of the classes the largest is the label, zeros do not count.

        R^2 = 1 - sum of (y - prediction)^2 / sum of (y - its mean)^2, each output's own, and their
        mean: 1 at best, 0 for the mean of y. Raises UserError where there is no row, a label is
        none of the classes, or all values are equal, for which R^2 is not defined.
        """
        predicted = self.predict(x)
        if len(predicted) == 0:
            raise UserError("there is no row to score.")
        if self.answers in (VALUE, VALUES):
            values = answers.as_values(y, len(predicted), self.output_shape, np.float64)
            return determination(predicted.astype(np.float64), values)
        classes = self.classes or []
        weights = answers.as_weights(y, len(predicted), self.output_shape)
        if weights is not None:
            counted = weights.any(-1)  # steps of a sequence may have no label
            labels = np.asarray(classes)[weights.argmax(-1)][counted]
            predicted = predicted[counted]
        else:
            labels = answers.as_labels(y, len(predicted), self.output_shape)
            answers.encode(labels, classes)
        return int((predicted == labels).sum()) / labels.size

    def summary(self) -> str:
        """Return a table of layers: output shapes, parameters, multiply-adds, receptive fields."""
        return summary(self)

    def _repr_html_(self) -> str:
        table = [
            ("layer", "output", "parameters"),
            *((r.layer, r.output, r.parameters) for r in rows(self)),
        ]
        losses = [row["loss"] for row in self.history]
        title = f"Network, loss over {len(losses)} epochs below" if losses else "Network"
        return as_html(title, table, losses)

    def save(self, path: Path | str) -> None:
        """Write the network to one file: arrays and a description. Raises UserError."""
        store.save(self, path)

    @classmethod
    def load(cls, path: Path | str) -> "Network":
        """Read a network written by `save`. Raises UserError where the file is damaged or alien."""
        network = store.load(path)
        if not isinstance(network, cls):
            raise UserError(f"{path}: holds a {type(network).__name__}, not a network")
        return network

    def to_keep(self) -> dict[str, Any]:
        return {"network": json.dumps(self.describe()), "weights": self.state()}

    @classmethod
    def from_kept(cls, parts: dict[str, Any]) -> "Network":
        network = store.module_of(json.loads(parts["network"]), parts["weights"])
        if not isinstance(network, cls):
            raise ValueError(f"it holds a {type(network).__name__}, and no network")
        return network

    def _inputs(self, x: Any) -> np.ndarray:
        """Return inputs as an array of finite numbers [N, *input_shape]. Raises UserError."""
        x, dtype = as_numbers(x, "inputs"), self.dtype
        if x.ndim == 0 or x.shape[1:] != self.input_shape:
            raise UserError(
                f"the network takes inputs of shape {self.input_shape}, not {x.shape[1:]}; give "
                f"x as [N, {', '.join(map(str, self.input_shape))}]."
            )
        for first in range(0, len(x), BATCH):
            with np.errstate(over="ignore"):
                finite = np.isfinite(np.asarray(x[first : first + BATCH], dtype))
            if not finite.all():
                row = first + int(np.argwhere(~finite)[0][0])
                raise UserError(
                    f"row {row + 1} of the inputs has a number that is missing, infinite or beyond "
                    f"{dtype}; fill or scale it."
                )
        return x

    def _targets(self, y: Any, rows: int, loss: Any) -> np.ndarray:
        """Return targets as the loss takes them; learn what is answered. Raises UserError."""
        given, loss = loss, answers.plain(loss)
        taught = answers.TAUGHT.get(loss, self.answers)
        if taught is None:
            raise UserError(
                f"{getattr(loss, '__name__', loss)} is a loss of your own: say what the network "
                'answers, Network(..., answers="labels") or "values".'
            )
        if (taught == LABELS) != (self.answers in (None, LABELS)) and self.answers is not None:
            raise UserError(f"{loss.__name__} does not teach {self.answers}; give another loss.")
        if taught == LABELS:
            answers.check_all_count(given)
            targets = self._classified(y, rows)
            self.answers = LABELS
            return targets
        if loss in answers.GROUPED:
            self.answers = self.answers or VALUES
            return answers.as_groups(y, rows)
        values = answers.as_values(y, rows, self.output_shape, self.dtype)
        whole = values.ndim == 1 + len(self.output_shape)
        self.answers = self.answers or (VALUES if whole else VALUE)
        return values

    def _classified(self, y: Any, rows: int) -> np.ndarray:
        outputs = self.output_shape
        if len(outputs) == 0 or outputs[-1] < 2:
            raise UserError(
                "one output cannot tell classes: end the network with Dense(2) or more."
            )
        weights = answers.as_weights(y, rows, outputs)
        if weights is not None:
            self.classes = self.classes or list(range(outputs[-1]))
            return weights
        labels = answers.as_labels(y, rows, outputs)
        classes = self.classes or answers.classes_of(labels, outputs[-1])
        encoded = answers.encode(labels, classes)
        self.classes = classes
        return encoded

    def _held(self, validation: Any, loss: Any) -> Validation:
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise UserError("validation is a pair: (x, y).")
        x = self._inputs(validation[0])
        if len(x) == 0:
            raise UserError("there is no row to validate on.")
        targets = self._targets(validation[1], len(x), loss)
        return lambda: (self.outputs(x), targets)
