"""The lecture's systems, one runnable file each: `python start.py gallery NAME`.

A system is a module here with `run(settings) -> figures`: it trains, draws one picture to
`settings.picture`, and returns its figures of merit. Its docstring's first line says what it is.
"""

SYSTEMS: tuple[str, ...] = (
    "convergence",
    "losses",
    "unfolding",
    "memory",
    "grid",
    "characters",
    "rating",
    "tagging",
    "numbers",
    "translation",
    "captions",
    "retina",
    "boolean",
    "approximation",
    "activations",
    "backpropagation",
    "regression",
    "metric",
    "kernel_trick",
    "feature_learning",
    "boosting",
    "architectures",
    "receptive_field",
    "units",
    "windows",
    "detection",
    "segmentation",
)

# These make their own data, and take none.
OWN_DATA = frozenset({
    "convergence", "losses", "unfolding", "memory", "grid", "numbers", "boolean", "approximation",
    "activations", "backpropagation", "regression", "kernel_trick", "feature_learning", "boosting",
})  # fmt: skip
