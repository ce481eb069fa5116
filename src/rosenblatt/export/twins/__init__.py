"""Functions in plain NumPy that answer as what a model is made of; whatever is here is found."""
