"""The long form: `python -m tests.oracle --cases 12000 --seed 0`; `--show CASE` writes one case."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rosenblatt.cache import cache_folder
from tests.oracle.check import GOOD, draft, run


def main() -> int:
    """Run the cases, print those that are wrong, and return 0 if there is none."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--cases", type=int, default=12000)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--show", metavar="CASE", help="write the folder of a case, and judge it")
    arguments = parser.parse_args()
    if arguments.show:
        folder = Path(tempfile.mkdtemp(prefix="case-")) / "data"
        draft(arguments.show)[0].write(folder)
        print(folder, run(arguments.show))
        return 0
    found: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as own:
        os.environ["XDG_CACHE_HOME"] = own  # no entry of another run is read
        cache_folder.cache_clear()
        for case in range(arguments.cases):
            seed = f"{arguments.seed}-{case}"
            outcome = run(seed)
            found[outcome.kind] += 1
            if outcome.kind not in GOOD:
                made = " + ".join((outcome.edition, *outcome.mutations))
                print(f"{seed} ({made}): {outcome.kind}: {outcome.detail}", flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in found.most_common()))
    return int(any(kind not in GOOD for kind in found))


if __name__ == "__main__":
    sys.exit(main())
