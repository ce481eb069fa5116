"""The challenge: its formats, submission, ledger and boards."""

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.form import Form, submission_form
from rosenblatt.challenge.formats import load_challenge, sniff
from rosenblatt.challenge.submission import check_submission, write_submission

__all__ = [
    "Challenge",
    "Form",
    "check_submission",
    "load_challenge",
    "sniff",
    "submission_form",
    "write_submission",
]
