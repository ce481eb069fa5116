"""Small PNGs of the usual form, read without Matplotlib, whose import takes 0.3 s of each start."""

import struct
import zlib
from contextlib import suppress

import numpy as np

MARK = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 6: 4}  # by colour type: grey, colours, colours and opacity
LARGEST = 1 << 16  # bytes of pixels; with more the import costs less than the loops here


def small_png(content: bytes) -> np.ndarray | None:
    """Return pixels [rows, columns, channels] float32 from 0 to 1, or None of another form.

    Those are one with a palette, of 16 bits or interlaced, a large and a damaged one. PNG (third
    edition, 2025), sections 5 and 9.
    """
    with suppress(struct.error, zlib.error, ValueError, KeyError):
        chunks = _chunks(content)
        [head] = chunks[b"IHDR"]
        W, H, depth, colour, *others = struct.unpack(">IIBBBBB", head)
        C = CHANNELS[colour]
        if depth != 8 or any(others) or b"tRNS" in chunks or not 0 < H * W * C <= LARGEST:
            return None
        size = H * (1 + W * C)
        packed = zlib.decompressobj().decompress(b"".join(chunks[b"IDAT"]), size + 1)
        lines = np.frombuffer(packed, np.uint8).reshape(H, 1 + W * C)
        return np.divide(_unfiltered(lines, C).reshape(H, W, C), 255, dtype=np.float32)
    return None


def _chunks(content: bytes) -> dict[bytes, list[bytes]]:
    """Return the data of all chunks by their kind. Raises ValueError where it is damaged."""
    if not content.startswith(MARK):
        raise ValueError("it is no PNG")
    place, found = len(MARK), dict[bytes, list[bytes]]()
    while b"IEND" not in found:
        size, kind = struct.unpack_from(">I4s", content, place)
        data = content[place + 8 : place + 8 + size]
        [stored] = struct.unpack_from(">I", content, place + 8 + size)
        if zlib.crc32(kind + data) != stored:
            raise ValueError("a chunk is damaged")
        found.setdefault(kind, []).append(data)
        place += 12 + size
    return found


def _unfiltered(lines: np.ndarray, C: int) -> np.ndarray:
    """Return bytes [H, W * C] of lines that begin with the kind of their filter."""
    out = np.zeros((len(lines) + 1, C + lines.shape[1] - 1), np.int64)  # with zeros around
    for row, (kind, *given) in enumerate(lines.tolist(), 1):
        above, line = out[row - 1].tolist(), [0] * C + given
        for at in range(C, len(line)):
            a, b, c = line[at - C], above[at], above[at - C]
            line[at] = (line[at] + _predicted(kind, a, b, c)) & 255
        out[row] = line
    return out[1:, C:]


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == 4:  # Paeth
        whole = left + above - corner
        near = [abs(whole - left), abs(whole - above), abs(whole - corner)]
        return (left, above, corner)[near.index(min(near))]
    return (0, left, above, (left + above) // 2)[kind]
