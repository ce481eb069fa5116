"""Texts for models of sequences: reading them, their words, their vocabulary, batches of them."""

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.ranges import Whole

# Words with their inner hyphens and an elided article's apostrophe (l'homme: l' homme), numbers,
# and every other sign alone.
WORD = re.compile(r"\w+(?:-\w+)*'?|[^\w\s]")


def read_text(path: Path | str) -> str:
    """Return a text file, .gz or plain, in UTF-8.

    Raises UserError: missing, empty, damaged, or not UTF-8, with the row and the byte.
    """
    path = Path(path)
    check_file(path)
    try:
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise UserError(f"{path}: is damaged ({error}); download it again.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        raise UserError(
            f"{path}: row {row}: byte 0x{content[error.start]:02x} is not UTF-8; "
            "save the file as text in UTF-8."
        ) from None
    if not text.strip():
        raise UserError(f"{path}: holds no text; give a file with some.")
    return text


def read_lines(path: Path | str) -> list[str]:
    """Return the lines of a text file. Raises UserError as read_text."""
    return read_text(path).rstrip("\n").split("\n")


def read_parallel(first: Path | str, second: Path | str) -> list[tuple[str, str]]:
    """Return the pairs of lines of two files that translate each other.

    Raises UserError as read_text, and where the files have different numbers of lines.
    """
    one, other = read_lines(first), read_lines(second)
    if len(one) != len(other):
        raise UserError(
            f"{first} has {len(one):,} lines and {second} {len(other):,}: line n of one must be "
            "the translation of line n of the other."
        )
    return list(zip(one, other, strict=True))


def words(sentence: str) -> list[str]:
    """Return the words of a sentence in small letters, signs apart."""
    return WORD.findall(sentence.lower())


class Vocabulary:
    """The known symbols and their numbers; `unknown`, if given, stands for all others."""

    def __init__(self, symbols: Iterable[str], unknown: str | None = None) -> None:
        self.symbols = list(dict.fromkeys(([unknown] if unknown else []) + list(symbols)))
        self.numbers = {symbol: number for number, symbol in enumerate(self.symbols)}
        self.unknown = unknown

    @classmethod
    def of(cls, sequences: Iterable[Iterable[str]], least: int, *special: str) -> "Vocabulary":
        """Return the symbols that occur `least` times, from the most frequent on.

        The special ones come first, of them the first for what is unknown.
        """
        counts = Counter(symbol for sequence in sequences for symbol in sequence)
        frequent = sorted((-n, symbol) for symbol, n in counts.items() if n >= least)
        return cls([*special, *(symbol for _, symbol in frequent)], special[0] if special else None)

    def __len__(self) -> int:
        return len(self.symbols)

    def encode(self, sequence: Iterable[str]) -> np.ndarray:
        """Return the numbers [T]. Raises UserError for a symbol that is not known."""
        known = self.numbers
        if self.unknown is not None:
            other = known[self.unknown]
            return np.array([known.get(symbol, other) for symbol in sequence], np.int64)
        try:
            return np.array([known[symbol] for symbol in sequence], np.int64)
        except KeyError as error:
            raise UserError(
                f"{error} is not one of the {len(self)} symbols that the model has learned; "
                "leave it out."
            ) from None

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """Return the symbols. Raises UserError for a number that none of them has."""
        numbers = [*numbers]
        wrong = [number for number in numbers if not Whole(0, len(self) - 1).holds(number)]
        if wrong:
            raise UserError(
                f"there is no symbol {wrong[0]!r} in a vocabulary of {len(self)}; give the model "
                "the vocabulary that it has learned with."
            )
        return [self.symbols[number] for number in numbers]


def padded(sequences: list[np.ndarray], filling: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return sequences [T_n] as one array [N, T], filled up at the end, and its mask [N, T]."""
    if not sequences:
        raise UserError("there is no sequence; give one at least.")
    longest = max(map(len, sequences))
    numbers = np.full((len(sequences), longest), filling, np.int64)
    mask = np.zeros(numbers.shape, np.bool_)
    for n, sequence in enumerate(sequences):
        numbers[n, : len(sequence)] = sequence
        mask[n, : len(sequence)] = True
    return numbers, mask


def batches_by_length(
    lengths: np.ndarray, size: int, rng: np.random.Generator, pool: int = 50
) -> Iterator[np.ndarray]:
    """Yield the numbers of all sequences in batches, in random order, like lengths together.

    `pool` batches are drawn at a time, sorted by length, cut, and given out in random order.
    """
    order = rng.permutation(len(lengths))
    for first in range(0, len(order), size * pool):
        drawn = order[first : first + size * pool]
        drawn = drawn[np.argsort(lengths[drawn], kind="stable")]
        batches = [drawn[i : i + size] for i in range(0, len(drawn), size)]
        for number in rng.permutation(len(batches)):
            yield batches[number]
