"""The API: every public class and function as it is written, one page a package."""

import ast
import html
from collections.abc import Iterator

from rosenblatt.site.chapters import Page, coloured
from rosenblatt.site.source_pages import Module, Sources

RANKED = (  # the names to know first, by hand
    "load_challenge", "Network", "Plan", "Dense", "Convolution", "MaxPooling", "Flatten", "Dropout",
    "BatchNormalisation", "SGD", "Adam", "OneCycle", "Cosine", "Sequential", "LSTM", "GRU",
    "Embedding", "Attention", "SVM", "KernelPerceptron", "Perceptron", "LogisticRegression",
    "KernelRidge", "KernelPCA", "LinearSVM", "BoostedTreesClassifier", "RandomForestClassifier",
    "NaiveBayes", "Standardisation", "UserError",
)  # fmt: skip
HOMES = "challenge", "classic", "layers", "train", "errors"  # of the public names


def pages(sources: Sources) -> list[Page]:
    """Return a page for each package, and one for the modules that stand alone."""
    found: dict[str, Page] = {}
    for name, module in sources.modules.items():
        package = _package(module)
        title = f"rosenblatt.{package}" if package else "rosenblatt"
        page = found.setdefault(package, Page(f"api-{package or 'rosenblatt'}", title, ""))
        entries = "".join(_entry(node, module, sources) for node in _entries_of(module))
        about = ast.get_docstring(module.tree)
        if not entries and not about:
            continue
        full = f"rosenblatt.{name}" if name else "rosenblatt"
        page.headings.append((full, full))
        page.body += f'<h2 id="{full}">{full}</h2>{_doc(about)}{entries}'
    for page in found.values():
        first = _ranked(sources) if page is found[""] else ""
        page.body = f"<h1>{page.title}</h1>{first}{page.body}"
    return [page for page in found.values() if page.headings]


def _ranked(sources: Sources) -> str:
    """Return the list of the names to know first, each with its line and a link."""
    lines: dict[str, str] = {}
    for module in sources.modules.values():
        for node in _entries_of(module) if module.name.split(".")[0] in HOMES else ():
            about = (ast.get_docstring(node) or "").split("\n")[0]
            place = f"{_place(module).split('#')[0]}#rosenblatt.{module.name}.{node.name}"
            link = f'<a href="{place}"><code>rb.{node.name}</code></a>'
            lines.setdefault(node.name, f"<li>{link} {html.escape(about)}</li>")
    listed = "".join(lines[name] for name in RANKED)
    return f"<p>{len(RANKED)} names to know first:</p><ol>{listed}</ol>"


def _entries_of(module: Module) -> Iterator[ast.ClassDef | ast.FunctionDef]:
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and _public(node.name):
            yield node


def _entry(node: ast.ClassDef | ast.FunctionDef, module: Module, sources: Sources) -> str:
    name = f"rosenblatt.{module.name}.{node.name}".replace("..", ".")
    parts = [f'<h3 id="{name}"><code>{html.escape(_signature(node))}</code></h3>']
    parts.append(_doc(ast.get_docstring(node)))
    if isinstance(node, ast.ClassDef):
        for inner in node.body:
            about = ast.get_docstring(inner) if isinstance(inner, ast.FunctionDef) else None
            if isinstance(inner, ast.FunctionDef) and about and _public(inner.name):
                parts.append(f"<h4><code>{html.escape(_signature(inner))}</code></h4>{_doc(about)}")
    if users := sources.users.get(f"{module.name}.{node.name}"):
        links = ", ".join(f'<a href="{_place(user)}">{user.name}</a>' for user in users)
        parts.append(f"<p class=users>used in {links}</p>")
    code = coloured(sources.find(f"{module.name}:{node.name}").code)
    parts.append(f"<details><summary>source</summary>{code}</details>")
    return "".join(parts)


def _public(name: str) -> bool:
    return not name.startswith("_") or name == "__call__"


def _package(module: Module) -> str:
    """Return the package that a module is shown with, "" where it stands alone."""
    alone = "." not in module.name and module.path.name != "__init__.py"
    return "" if alone else module.name.split(".")[0]


def _place(module: Module) -> str:
    page = f"api-{_package(module) or 'rosenblatt'}.html"
    shown = ast.get_docstring(module.tree) or any(_entries_of(module))
    return f"{page}#rosenblatt.{module.name}" if shown else page


def _signature(node: ast.ClassDef | ast.FunctionDef) -> str:
    if isinstance(node, ast.FunctionDef):
        result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return f"{node.name}({ast.unparse(node.args)}){result}"
    make = next((n for n in node.body if getattr(n, "name", "") == "__init__"), None)
    if isinstance(make, ast.FunctionDef):
        arguments = ast.unparse(make.args).removeprefix("self").removeprefix(", ")
    else:  # a dataclass or a NamedTuple: its fields
        fields = [n for n in node.body if isinstance(n, ast.AnnAssign)]
        shown = [ast.unparse(n) for n in fields if "ClassVar" not in ast.unparse(n.annotation)]
        arguments = ", ".join(shown)
    return f"class {node.name}({arguments})"


def _doc(text: str | None) -> str:
    return f'<div class="doc">{html.escape(text)}</div>' if text else ""
