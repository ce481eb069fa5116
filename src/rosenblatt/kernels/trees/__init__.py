"""Decision trees on histograms: bins, sums of gradients, splits, growth, losses, forests.

All sums of a tree are of whole numbers, so that no order of summation changes a bit.
"""
