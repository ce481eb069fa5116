"""The files of a challenge: in a folder, packed or not, or in the one zip archive of Kaggle."""

import zipfile
from functools import cached_property
from pathlib import Path

from rosenblatt.data.source import Source, sources_in
from rosenblatt.errors import UserError


class Folder:
    """A challenge's files by name, whichever the case of its letters.

    path: a folder, or a zip archive.
    Raises UserError where it is missing, another file, or cannot be read.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.packed = self.path.is_file() and zipfile.is_zipfile(self.path)

    @property
    def name(self) -> str:
        """The name of the challenge, where its settings do not say."""
        return self.path.resolve().stem if self.packed else self.path.resolve().name

    @cached_property
    def sources(self) -> dict[str, list[Source]]:
        """Where each file lies, by its name in small letters."""
        found: dict[str, list[Source]] = {}
        for path in [self.path] if self.packed else self._paths():
            for source in sources_in(path):
                found.setdefault(source.name.lower(), []).append(source)
        return found

    def _paths(self) -> list[Path]:
        try:
            return sorted(self.path.iterdir(), reverse=True)
        except FileNotFoundError:
            raise UserError(
                f"{self.path}: no such folder; give the one with the challenge's CSV files."
            ) from None
        except NotADirectoryError:
            raise UserError(
                f"{self.path}: is a file; give the folder that holds the challenge's files, or "
                "the zip archive that they came in."
            ) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(f"{self.path}: cannot be read ({reason}); allow reading it.") from error

    def find(self, name: str) -> Source | None:
        """Return a file, or None. Raises UserError where it is there twice and not the same."""
        found = self.sources.get(name.lower(), [])
        for other in found[1:]:
            if other.digest() != found[0].digest():
                raise UserError(
                    f"{found[0]} and {other} are both {name}, and differ; remove the wrong one."
                )
        return found[0] if found else None

    def need(self, name: str) -> Source:
        """Return a file. Raises UserError where there is none."""
        source = self.find(name)
        if source is None:
            raise UserError(
                f"{self.path / name}: no such file (nor packed as .gz or .zip); put it there, or "
                "correct the name."
            )
        return source
