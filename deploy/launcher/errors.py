"""The one error that a person may cause: raised anywhere in the launcher, printed by __main__ as one sentence."""


class Refusal(Exception):
    """Say in one Chinese sentence what is wrong and what to do; ends the command with exit code 1."""


class Stop(BaseException):
    """A signal asked the launcher to end; carries the signal's number. Unwinds every context on its way."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum
