"""Typed columns become numbers: features fitted on training rows, then asked for others.

`encoding.encode(samples, features, target, seed)` returns what turns samples into numbers [n, D]
float32, an `Encoding`, and those of the training rows, which may differ from what it says of them:
a feature that sees the target, [N, T] as `target.responses`, describes each training row by the
others. `encoding.names` are those of the D numbers, `encoding.categorical` the places of codes of
levels. features: `encoding.SCALED` for networks and kernels (a column for each level, what is
missing filled in and flagged), `encoding.AS_IT_IS` for trees (codes of levels, NaN where missing).
"""
