"""A kept model as one script that needs NumPy alone: its twins in plain NumPy, and what writes it.

`twins/` holds, for each class that a model may be made of, a function in plain NumPy that answers
as an object of it does. `script.py` writes those that a model needs into one file.
"""
