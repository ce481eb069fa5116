"""The one exception that a user is meant to see."""


class UserError(ValueError):
    """Something that the user can cure: the message names file, row, column and the cure.

    The command line prints the message alone, without a traceback, and exits with code 2.
    """
