"""How long a command says nothing in a pipe.

`python -m tests.silence` runs commands of every kind in a pipe, long ones included, and prints the
longest silence of each; it ends in 1 where one is longer than ten seconds. Arguments choose some.
"""

import os
import selectors
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST = 10.0  # seconds
HURRIED = """
import sys, time
from rosenblatt import display
from rosenblatt.cli import main, {command}
display.EVERY = {every}
run = {command}.{command}
{command}.{command} = lambda arguments: time.sleep({pause}) or run(arguments)
sys.exit(main(sys.argv[1:]))
"""
COMMANDS = {
    "reproduce, nothing compiled": "reproduce --out {place}/r.csv",
    "reproduce": "reproduce --out {place}/r.csv",
    "evaluate": "evaluate data/digits --quick",
    "submit": "submit data/heart --out {place}/s.csv",
    "search": "search data/heart --recipe trees --ranges {place}/ranges.toml --trials 3",
    "curve": "curve data/digits --quick --rows 200,400 --held 300",
    "explain": "explain data/heart --recipe trees --out {place}/e.png",
    "report": "report --measure",
    "package": "package --here --with-data --out {place}/p.zip",
    "audit": "audit",
    "gallery": "gallery --quick --out {place}/gallery",
    "bench": "bench --nets A",
    "site": "site --out {place}/site",
}


def longest_silence(
    words: list[str], pause: float | None = None, every: float = 8.0, **how
) -> tuple[float, list[str]]:
    """Run a command in a pipe; return its longest silence in seconds, and its lines.

    With a pause the command first sleeps so long, and tells of itself every so many seconds.
    """
    if pause is None:
        start = [str(ROOT / "start.py"), "--no-setup"]
    else:
        start = ["-c", HURRIED.format(command=words[0], every=every, pause=pause)]
    process = subprocess.Popen(
        [sys.executable, *start, *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **how},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    longest, text = 0.0, b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            before = time.monotonic()
            selector.select()
            part = os.read(process.stdout.fileno(), 65536)
            if text:  # before the first line Python starts
                longest = max(longest, time.monotonic() - before)
            text += part
            if not part:
                break
    process.wait()
    return longest, text.decode(errors="replace").splitlines()


def main(chosen: list[str]) -> int:
    """Print the longest silence of each command; return 1 where one is too long."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as place:
        Path(place, "ranges.toml").write_text('"boosting.rate" = [0.03, 0.05, 0.1]\n')
        for name, line in COMMANDS.items():
            if chosen and name not in chosen:
                continue
            fresh = {"XDG_CACHE_HOME": place} if "compiled" in name else {}
            seconds, said = longest_silence(line.format(place=place).split(), **fresh)
            worst = max(worst, seconds)
            print(f"{name:28} {seconds:5.1f} s; last: {said[-1] if said else ''}", flush=True)
    return int(worst > MOST)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
