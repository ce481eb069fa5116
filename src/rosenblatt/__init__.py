"""Rosenblatt: a do-it-yourself machine-learning toolkit for Kaggle data challenges."""

__version__ = "0.1.0"
