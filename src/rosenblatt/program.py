"""Files that come with the program and are no modules: start.py, the lock, a template."""

import importlib.metadata
from pathlib import Path, PurePosixPath

from rosenblatt.errors import UserError

PACKAGE = Path(__file__).parent
SHARE = PurePosixPath("share", "rosenblatt")  # where a wheel puts them; see pyproject.toml


def program_file(name: str) -> Path:
    """Return the file of the project's folder that has this name, wherever the package is.

    In a checkout it is beside src/, in an environment where the wheel has put it.
    Raises UserError where the package came without it.
    """
    beside = PACKAGE.parents[1] / name
    if PACKAGE.parent.name == "src" and beside.is_file():
        return beside
    try:
        files = importlib.metadata.files("rosenblatt") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    wanted = (SHARE / name).parts
    for file in files:
        if file.parts[-len(wanted) :] == wanted:
            return Path(str(file.locate()))
    raise UserError(f"{name}: did not come with this installation; work in a clone of the sources.")
