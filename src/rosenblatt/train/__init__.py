"""Training: fit, optimisers, schedules, losses, and the network that has them all."""

from rosenblatt.train.averaging import Exponential, Stochastic
from rosenblatt.train.callbacks import CSVLog, ReduceOnPlateau
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.losses import accuracy, cross_entropy, mean_squared_error, target_weights
from rosenblatt.train.mixup import Mixup
from rosenblatt.train.network import Network
from rosenblatt.train.optimisers import SGD, Adam, Optimiser
from rosenblatt.train.plan import Callback, Plan, State
from rosenblatt.train.progress import Progress
from rosenblatt.train.schedules import (
    Constant,
    Cosine,
    Cycles,
    OneCycle,
    Schedule,
    Step,
    WarmUp,
)
from rosenblatt.train.snapshots import Snapshots

__all__ = [
    "SGD",
    "Adam",
    "CSVLog",
    "Callback",
    "Checkpoint",
    "Constant",
    "Cosine",
    "Cycles",
    "Exponential",
    "Mixup",
    "Network",
    "OneCycle",
    "Optimiser",
    "Plan",
    "Progress",
    "ReduceOnPlateau",
    "Schedule",
    "Snapshots",
    "State",
    "Step",
    "Stochastic",
    "WarmUp",
    "accuracy",
    "cross_entropy",
    "mean_squared_error",
    "target_weights",
]
