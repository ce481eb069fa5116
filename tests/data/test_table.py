"""Tables need a pandas that tells texts from other objects: an older one is refused, not read."""

from pathlib import Path

import pandas
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.errors import UserError

HEART = Path(__file__).parents[2] / "data" / "heart"


def test_an_older_pandas_is_refused_with_a_cure(monkeypatch):
    assert len(load_challenge(HEART).train)
    monkeypatch.setattr(pandas, "__version__", "2.2.3")
    with pytest.raises(UserError, match=r"pandas 2\.2\.3 has no type for texts.*'pandas>=3'"):
        load_challenge(HEART)
