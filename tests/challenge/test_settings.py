"""What challenge.toml may say is what the program knows."""

import pytest

from rosenblatt.challenge.settings import read_settings
from rosenblatt.errors import UserError
from rosenblatt.metrics import METRICS


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_may_be_the_challenges(name, tmp_path):
    (tmp_path / "challenge.toml").write_text(f'metric = "{name}"')
    assert read_settings(tmp_path).metric == name


def test_no_other_metric_may_be(tmp_path):
    (tmp_path / "challenge.toml").write_text('metric = "kappa"')
    with pytest.raises(UserError, match=r"metric = 'kappa'.*quadratic_kappa"):
        read_settings(tmp_path)
