"""Damage to the bytes of any file."""

import random

SPLICES = (b"", b"\x00", b'"', b",", b"\n", b"\r", b"9" * 400, b"-", b"nan", b"1e999", b"=1+1",
           b"\xff\xfe", b"[" * 2000, b"{", b"\xe2\x80\xae", b"'''", b"../" * 9)  # fmt: skip


def damage(content: bytes, draw: random.Random) -> bytes:
    """Return a content with one to three faults: bytes flipped, cut, spliced, moved, re-encoded."""
    for _ in range(draw.randint(1, 3)):
        here, there = (draw.randrange(len(content) + 1) for _ in range(2))
        here, there = min(here, there), max(here, there)
        fault = draw.randrange(6)
        if fault == 0 and content:
            flipped = bytearray(content)
            for _ in range(draw.randint(1, 8)):
                flipped[draw.randrange(len(flipped))] ^= 1 << draw.randrange(8)
            content = bytes(flipped)
        elif fault == 1:
            content = content[:here]
        elif fault == 2:
            content = content[:here] + content[there:]
        elif fault == 3:
            content = content[:there] + content[here:]
        elif fault == 4:
            content = content[:here] + draw.choice(SPLICES) + content[here:]
        else:
            text = content.decode("utf-8", "replace")
            content = text.encode(draw.choice(["utf-16", "latin-1", "utf-8-sig"]), "replace")
    return content
