"""From a challenge to predictions: features, members, votes. A run is a function of its recipe."""

from rosenblatt.pipeline.committee import (
    Validated,
    cross_validate,
    predict,
    predict_rows,
    units,
)
from rosenblatt.pipeline.members import (
    Advance,
    Fit,
    fits,
    learn,
    no_progress,
    votes,
)
from rosenblatt.pipeline.networks import train_network
from rosenblatt.pipeline.rows import Rows
from rosenblatt.pipeline.splits import Split, check_splits, fold_splits, lacking, whole_split
from rosenblatt.pipeline.suits import check_suits

__all__ = [
    "Advance",
    "Fit",
    "Rows",
    "Split",
    "Validated",
    "check_splits",
    "check_suits",
    "cross_validate",
    "fits",
    "fold_splits",
    "lacking",
    "learn",
    "no_progress",
    "predict",
    "predict_rows",
    "train_network",
    "units",
    "votes",
    "whole_split",
]
