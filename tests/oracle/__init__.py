"""A second reading of damaged challenge folders: what is accepted must be true."""

import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("rosenblatt") is None:  # `python -m tests.oracle` in a checkout that is not installed
    sys.path.insert(0, str(Path(__file__).parents[2] / "src"))
