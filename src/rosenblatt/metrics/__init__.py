"""Metrics: how good predictions are, one function each, in a file a family.

`METRICS` holds them by name, as challenge.toml spells it; a new one is a function under
`@metric(...)` in its family's file, and nothing else.
"""

from rosenblatt.metrics import labels, probabilities, scores, values
from rosenblatt.metrics.base import METRICS, Metric, find_metric
from rosenblatt.metrics.labels import confusion_matrix

FAMILIES = (labels, scores, probabilities, values)  # imported, so that METRICS has all of them

__all__ = ["METRICS", "Metric", "confusion_matrix", "find_metric"]
