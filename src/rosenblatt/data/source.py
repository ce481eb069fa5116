"""A file of a challenge, wherever it lies: plain, compressed, or a member of a zip archive."""

import gzip
import hashlib
import io
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, BinaryIO, TextIO, cast

from rosenblatt.data.digest import file_digest
from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError

SMALL, SWELLING = 1 << 28, 200  # beyond so many bytes, a file so many times its packed size is none
PACKED = (".gz", ".zip")
HAND_IN = b"a hand-in"  # the comment of a zip archive that is one: it holds copies of data at most


@dataclass(frozen=True)
class Source:
    """A file that can be read: `path`, or what is packed in it.

    name: of the file itself, unpacked; member: its place in the zip archive `path`, "" for the one
    that is there.
    """

    path: Path
    name: str
    member: str | None = None

    def __str__(self) -> str:
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    def open_bytes(self) -> BinaryIO:
        """Return the content, unpacked on the way.

        Raises UserError as check_file; reading raises it where what is packed is damaged, or
        swells as no table does.
        """
        check_file(self.path)
        if self.name == self.path.name:
            return open(self.path, "rb")
        return cast(BinaryIO, io.BufferedReader(_Unpacked(self), 1 << 16))

    def open_text(self) -> TextIO:
        """Return the content as text, with its line ends. Raises UserError as open_bytes."""
        return io.TextIOWrapper(self.open_bytes(), encoding="utf-8-sig", newline="")

    def digest(self) -> str:
        """Return the SHA-256 of the content. Raises UserError as open_bytes."""
        if self.name == self.path.name:
            return file_digest(self.path)
        return _packed_digest(self, file_digest(self.path))


def as_source(path: Path | str | Source) -> Source:
    """Return a plain file as a source."""
    return path if isinstance(path, Source) else Source(Path(path), Path(path).name)


@cache
def _packed_digest(source: Source, packed: str) -> str:
    with source.open_bytes() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


class _Unpacked(io.RawIOBase):
    """The bytes of a packed source, as they are asked for."""

    def __init__(self, source: Source) -> None:
        self.source, self.count = source, 0
        self.most = max(SMALL, SWELLING * source.path.stat().st_size)
        try:
            self.inner = self._open()
        except (OSError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
            raise self._damaged(error) from error

    def _open(self) -> IO[bytes]:
        if self.source.member is None:
            return cast(IO[bytes], gzip.open(self.source.path))
        self.archive = zipfile.ZipFile(self.source.path)
        members = zip_members(self.archive)
        if self.source.member == "" and len(members) != 1:
            raise UserError(
                f"{self.source}: holds {len(members)} files where one is expected; unpack it."
            )
        return self.archive.open(self.source.member or members[0])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        try:
            piece = self.inner.read(len(buffer))
        except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
            raise self._damaged(error) from error
        self.count += len(piece)
        if self.count > self.most:
            raise UserError(
                f"{self.source}: unpacks to more than {self.most:,} bytes; unpack it yourself if "
                "it is to be trusted."
            )
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed and hasattr(self, "inner"):
            self.inner.close()
            if self.source.member is not None:
                self.archive.close()
        super().close()

    def _damaged(self, error: Exception) -> UserError:
        return UserError(
            f"{self.source}: cannot be unpacked ({error}); download it again, or unpack it."
        )


def zip_members(archive: zipfile.ZipFile) -> list[str]:
    """Return the files in a zip archive, without the ones that a Macintosh adds."""
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    return [name for name in names if not name.startswith("__MACOSX/")]


def is_hand_in(path: Path) -> bool:
    """Say whether a file is a hand-in that `package` wrote."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.comment == HAND_IN
    except (OSError, zipfile.BadZipFile):
        return False


def sources_in(path: Path) -> list[Source]:
    """Return the files that lie packed in a file, none in a hand-in, or itself if it is not packed.

    Raises UserError where it is a zip archive by its name alone.
    """
    name = path.name.lower()
    if name.endswith(".gz"):
        return [Source(path, path.name[:-3])]
    if not name.endswith(".zip"):
        return [Source(path, path.name)]
    if name.endswith(".csv.zip"):
        return [Source(path, path.name[:-4], "")]
    if is_hand_in(path):
        return []
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = zip_members(archive)
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise UserError(
            f"{path}: cannot be unpacked ({error}); download it again, or remove it."
        ) from error
    return [Source(path, member.rpartition("/")[2], member) for member in members]
