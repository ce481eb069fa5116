"""Ranges that the tables of a recipe share: wide enough for any use, and small enough for a PC."""

from rosenblatt.ranges import Real, Whole

WEIGHT = Real(1e-6, 1e6)  # 0 would be a member trained for nothing: leave its table out
SEED = Whole(0, 2**53 - 1)  # times 1,000 and a member's number it is still a 64-bit key
COUNT = Whole(1, 1000)
EPOCHS = Whole(1, 100_000)
