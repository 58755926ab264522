"""What a process opens once and several providers share, as a pool of connections to a database."""

from leeward.extension.context import Context


class Resource:
    """Made and opened when a provider of the process first asks for it (`Provider.resource`); closed after the providers. Any number of
    threads may call its methods at once.
    """

    def __init__(self, context: Context) -> None:
        self.context = context

    def open(self) -> None:
        """Makes what is shared. What it raises fails the job that needed it; the next job tries again."""

    def close(self) -> None:
        """Called once, when the worker process ends."""
