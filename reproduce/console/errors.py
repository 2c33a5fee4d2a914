"""The error that a command tells in one line."""


class RunError(Exception):
    """Something that the user can mend; the message says how, in one line."""
