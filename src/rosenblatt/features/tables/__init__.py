"""Typed columns become numbers: each feature is fitted on training rows, then describes others."""
