"""From a challenge to predictions: splits, jobs, votes put together, and what time allows."""

from rosenblatt.pipeline.ensemble import Validated, cross_validate, predict, units, units_to_predict
from rosenblatt.pipeline.folds import DRAWN, split_rows
from rosenblatt.pipeline.jobs import Job, check_suits, jobs, learn, modules_of, not_learned
from rosenblatt.pipeline.splits import (
    Split,
    check_splits,
    fold_splits,
    lacking,
    whole_split,
)

__all__ = [
    "DRAWN",
    "Job",
    "Split",
    "Validated",
    "check_splits",
    "check_suits",
    "cross_validate",
    "fold_splits",
    "jobs",
    "lacking",
    "learn",
    "modules_of",
    "not_learned",
    "predict",
    "split_rows",
    "units",
    "units_to_predict",
    "whole_split",
]
