"""How fast the engine is, beside its rivals: `python start.py bench`."""
