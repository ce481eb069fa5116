"""Members: what a recipe is made of, one file a kind; whatever is here is found."""

from rosenblatt.members.base import Advance, Cost, Fitted, Member, Rows, Taught, no_progress

__all__ = ["Advance", "Cost", "Fitted", "Member", "Rows", "Taught", "no_progress"]
