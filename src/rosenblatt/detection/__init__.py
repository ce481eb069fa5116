"""Where objects are in an image: boxes, windows and proposals, and how well they are found.

A box is (top, left, bottom, right) in pixels, its end not included; boxes are [M, 4].
"""
