"""The id of a replay as a person typed it."""

from uuid import UUID

import click


def replay_id(text: str) -> UUID:
    """Raises: click.UsageError: it is none."""
    try:
        return UUID(text)
    except ValueError:
        raise click.UsageError(f"{text!r} is not the id of a replay: copy one from `leeward dlq replays`.") from None
