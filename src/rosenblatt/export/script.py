"""A model as a script: the twins that it needs, by their source, and its arrays beside them."""

import ast
import hashlib
import importlib
import io
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.export import twins
from rosenblatt.export.twins.parts import TWINS
from rosenblatt.files import write_atomic
from rosenblatt.kept import told
from rosenblatt.members import Fitted
from rosenblatt.metrics import find_metric
from rosenblatt.pipeline.jobs import Learned
from rosenblatt.pipeline.model import Model

HOME = "rosenblatt."
HELD = ("members.network.NetworkMember", "members.network.Student", "challenge.new_rows.Expected",
        "features.augmentation.Augmentation", "features.graphs.compact.Graphs",
        "data.schema.Column", "challenge.settings.Hours", "challenge.settings.Wide")  # fmt: skip
UNASKED = ("out_of_bag_", "path_", "losses_", "feature_names_in_")  # of estimators
READERS = {  # of files, by kind of samples
    "image": "files.numbers",
    "numbers": "files.numbers",
    "table": "files.table",
    "dna": "sequences.read",
    "graph": "graphs.read",
}
HEAD = '''"""Prediction with weights that were trained elsewhere, by NumPy alone.

    python {name} [DIR] [--out FILE]

reads the test rows of the challenge in DIR and writes the submission. The weights lie beside this
file, in {weights}; they were learned from {rows} rows of {challenge}, data {data}, by the recipe
{recipe!r}. Whether a course accepts such a hand-in is for its rules to say.
"""
'''


def export(model: Model, out: Path, function: str = "") -> list[Path]:
    """Write a model as a script `out`, and its weights as an .npz beside it; return both.

    function: the name of one that answers a file, in place of a command line. Raises UserError
    for a part that has no twin yet, named.
    """
    if function and model.expected.sets > 1:
        raise UserError(
            f"--function {function}: answers one file, and the model has {model.expected.sets} "
            "sets, a file each; leave it out: the script reads the challenge's folder."
        )
    _import_twins()
    _check_place(out)
    arrays: dict[str, np.ndarray] = {}
    content = _content(model, arrays)
    kinds = sorted({*_kinds(content), *(f"layers.{one}" for one in _layers(content))})
    _check(model, kinds)
    source = _source([kind for kind in kinds if kind in TWINS], function)
    about = {name: model.about[name] for name in ("rows", "challenge", "recipe")}
    weights = out.with_suffix(".npz")
    head = HEAD.format(name=out.name, weights=weights.name, data=model.about["data"][:16], **about)
    stored = io.BytesIO()
    description = json.dumps(content)
    # A column repeats itself more than a row does, so that arrays by columns take less room.
    asked = {key: np.asarray(one, order="F") for key, one in arrays.items() if key in description}
    np.savez_compressed(stored, model=np.array(description), **asked)  # type: ignore[arg-type]
    digest = hashlib.sha256(stored.getvalue()).hexdigest()
    write_atomic(weights, stored.getvalue())
    write_atomic(out, head + source.replace('WEIGHTS = ""', f'WEIGHTS = "{digest}"', 1))
    return [out, weights]


def _check_place(out: Path) -> None:
    """Raise UserError where a script, or its weights, would replace what is not one of ours."""
    weights, own = out.with_suffix(".npz"), False
    if out.exists():
        own = HEAD[:40] in out.read_text("utf-8", errors="replace")
    odd = next((path for path in (out, weights) if path.exists() and not own), None)
    if odd is not None:
        raise UserError(
            f"{odd}: is not written: it exists, and is no part of an exported model that could be "
            "renewed; give another name. Nothing was changed."
        )


def _content(model: Model, arrays: dict[str, np.ndarray]) -> Any:
    """Return the description of what a script needs of a model, kinds without the package."""
    metric = find_metric(model.metric)
    if metric.wants == "values":
        answer = "log_values" if metric.log else "values"
    elif model.class_columns:
        answer = "columns"
    elif metric.wants == "labels":
        answer = "cut" if model.cuts else "labels"
    else:
        answer = "second"
    wanted = ("names", "header", "class_columns", "learned", "rule", "cuts", "expected")
    model = replace(model, learned=tuple(map(_needed_alone, model.learned)))
    parts = {name: told(name, getattr(model, name), arrays) for name in wanted}
    parts["answer"] = {f"answers.{answer}": {}}
    parts["margin"] = {f"answers.{answer}_margin": {}} if metric.wants == "labels" else None
    hours = model.expected.hours is not None
    parts["reader"] = {"hours.read" if hours else READERS.get(model.expected.kind, ""): {}}
    return _shorter({f"{HOME}pipeline.model.Model": parts})


def _needed_alone(value: Any) -> Any:
    """Return a part of a model with what answers alone: the support of machines on kernels."""
    if isinstance(value, tuple):
        return tuple(map(_needed_alone, value))
    if hasattr(value, "of_support"):
        return value.of_support()
    if isinstance(value, Learned | Fitted):
        part: Any = value
        return replace(part, **{name: _needed_alone(held) for name, held in vars(part).items()})
    return value


def _shorter(content: Any) -> Any:
    if isinstance(content, dict):
        return {
            key.removeprefix(HOME): _shorter(value)
            for key, value in content.items()
            if key not in UNASKED
        }
    return [_shorter(one) for one in content] if isinstance(content, list) else content


def _kinds(content: Any) -> Iterator[str]:
    """Yield the kinds of all parts of a description."""
    if not isinstance(content, dict):
        return
    ((kind, held),) = content.items()
    if kind == "dict":
        held = [one for pair in held for one in pair]
    elif kind not in ("array", "list", "tuple"):
        yield kind
        held = list(held.values())
    for one in held if isinstance(held, list) else []:
        yield from _kinds(one)


def _layers(content: Any) -> Iterator[str]:
    """Yield the types of the layers of all networks in a description."""
    if isinstance(content, dict):
        if "train.network.Network" in content:
            yield from _types(json.loads(content["train.network.Network"]["network"])["layers"])
        content = list(content.values())
    for one in content if isinstance(content, list) else []:
        yield from _layers(one)


def _types(layer: Any) -> Iterator[str]:
    if isinstance(layer, dict) and "type" in layer:
        yield layer["type"]
        layer = list(layer.values())
    for one in layer if isinstance(layer, list) else []:
        yield from _types(one)


def _check(model: Model, kinds: list[str]) -> None:
    """Raise UserError where something of a model has no twin in plain NumPy yet."""
    if model.expected.kind not in READERS:
        raise UserError(
            f"a model of kind {model.expected.kind!r} cannot be exported yet, only those of "
            f"{', '.join(READERS)}; `predict` asks it where this program is installed."
        )
    lacking = [kind for kind in kinds if kind not in TWINS and kind not in HELD]
    if lacking:
        raise UserError(
            f"the model holds {', '.join(lacking)}, which cannot be exported yet; give a recipe "
            "without it."
        )


def _import_twins() -> dict[str, ast.Module]:
    """Return the syntax trees of the modules of twins, the base of all first."""
    trees = {}
    for found in pkgutil.iter_modules(twins.__path__):
        module = importlib.import_module(f"{twins.__name__}.{found.name}")
        trees[found.name] = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    return dict(sorted(trees.items(), key=lambda pair: pair[0] != "parts"))


def _source(kinds: list[str], function: str) -> str:
    """Return the source of twins, and of what they call; function: as export."""
    defined: dict[str, tuple[str, ast.stmt]] = {}
    imported: dict[str, str] = {}
    for name, tree in _import_twins().items():
        text = (Path(next(iter(twins.__path__))) / f"{name}.py").read_text("utf-8")
        for node in tree.body:
            written = "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno])
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                defined[node.name] = written, node
            elif isinstance(node, ast.Assign):
                for target in (one for place in node.targets for one in ast.walk(place)):
                    if isinstance(target, ast.Name):
                        defined[target.id] = written.removesuffix("  # fmt: skip"), node
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imported |= _bound(node)
    start = "predict_file" if function else "main"
    wanted = _needed([start, *(TWINS[kind].__name__ for kind in kinds)], defined)
    used = {name for key in wanted for name in _names(defined[key][1])}
    lines = sorted({imported[name] for name in used if name in imported},
                   key=lambda line: ("numpy" in line, line.split()[1], line))  # fmt: skip
    listed = "".join(f'    "{kind}": {TWINS[kind].__name__},\n' for kind in kinds)
    pieces = list(dict.fromkeys(defined[key][0] for key in defined if key in wanted))
    constants = [piece for piece in pieces if not piece.startswith(("def ", "class "))]
    bodies = [piece for kind in ("class ", "def ") for piece in pieces if piece.startswith(kind)]
    text = "\n".join(lines).replace("import numpy", "\nimport numpy", 1) + "\n\n"
    text += "\n".join(constants) + "\n\n\n" * bool(constants) + "\n\n\n".join(bodies)
    text += f"\n\n\nTWINS = {{\n{listed}}}\n"
    if function:
        return text.replace("def predict_file(", f"def {function}(")
    return text + '\nif __name__ == "__main__":\n    main()\n'


def _bound(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Return the lines that import each name, those of the twins themselves left out."""
    if isinstance(node, ast.Import):
        found = {}
        for one in node.names:
            name = f" as {one.asname}" if one.asname else ""
            found[one.asname or one.name] = f"import {one.name}{name}"
        return found
    if str(node.module).startswith("rosenblatt"):
        return {}
    return {one.name: f"from {node.module} import {one.name}" for one in node.names}


def _needed(start: list[str], defined: dict[str, tuple[str, ast.stmt]]) -> set[str]:
    """Return the names of all definitions that some need, themselves among them."""
    found, waiting = set[str](), [*start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [one for one in _names(defined[name][1]) if one in defined]
    return found


def _names(node: ast.stmt) -> set[str]:
    """Return the names that a definition refers to, but for its own and those of decorators."""
    parts: list[ast.AST] = [node]
    own = set[str]()
    if isinstance(node, ast.FunctionDef):
        parts = [node.args, *node.body, *([node.returns] if node.returns else [])]
        own = {one.arg for one in ast.walk(node.args) if isinstance(one, ast.arg)}
    names = [one for part in parts for one in ast.walk(part) if isinstance(one, ast.Name)]
    own |= {one.id for one in names if not isinstance(one.ctx, ast.Load)}
    return {one.id for one in names} - own
