"""Training: fit, optimisers, schedules, losses, metrics, and the network that has them all."""

from rosenblatt.train.fit import fit
from rosenblatt.train.losses import cross_entropy, mean_squared_error, target_weights
from rosenblatt.train.metrics import (
    accuracy,
    confusion_matrix,
    log_loss,
    root_mean_squared_error,
)
from rosenblatt.train.network import Network
from rosenblatt.train.optimisers import SGD, Adam, Optimiser
from rosenblatt.train.plan import Callback, Plan, State
from rosenblatt.train.progress import Progress
from rosenblatt.train.schedules import Constant, Cosine, OneCycle, Schedule, Step, WarmUp

__all__ = [
    "SGD",
    "Adam",
    "Callback",
    "Constant",
    "Cosine",
    "Network",
    "OneCycle",
    "Optimiser",
    "Plan",
    "Progress",
    "Schedule",
    "State",
    "Step",
    "WarmUp",
    "accuracy",
    "confusion_matrix",
    "cross_entropy",
    "fit",
    "log_loss",
    "mean_squared_error",
    "root_mean_squared_error",
    "target_weights",
]
