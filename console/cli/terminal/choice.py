"""A choice that names the nearest of its values."""

from difflib import get_close_matches
from typing import Any

import click


class NearestChoice(click.Choice[str]):
    """Some texts; of one that is almost right it names the right one."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        said = super().get_invalid_choice_message(value, ctx)
        close = get_close_matches(str(value), [str(choice) for choice in self.choices], n=1)
        return f"{said} Did you mean {close[0]!r}?" if close else said
