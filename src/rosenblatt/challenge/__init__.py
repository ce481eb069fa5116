"""The challenge: its formats, submission, ledger and boards."""

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.formats import load_challenge, sniff
from rosenblatt.challenge.submission import check_submission, write_submission

__all__ = ["Challenge", "check_submission", "load_challenge", "sniff", "write_submission"]
