"""Between which numbers the settings of a recipe's table may lie."""

import math
from typing import Any


def check(table: Any, low: float, high: float, *names: str) -> None:
    """Raise ValueError where one of these settings is not from low to below high."""
    for name in names:
        value = getattr(table, name)
        if not low <= value < high:
            wanted = f"at least {low}" if high == math.inf else f"from {low} to below {high}"
            raise ValueError(f"{name} = {value} must be {wanted}")
