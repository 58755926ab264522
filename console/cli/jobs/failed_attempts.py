"""The failed attempts of a job or dead letter, for people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from console.cli.terminal.screen import Screen
from console.cli.terminal.time_text import when


def show_attempts(screen: Screen, heading: str, attempts: Iterable[dict[str, Any]]) -> None:
    """A paragraph each, with the code of a provider's error, as `past_attempts` in the JSON of either has them."""
    for position, attempt in enumerate(attempts):
        if not position:
            screen.line(heading)
        at = when(datetime.fromisoformat(attempt["at"])) if attempt["at"] else "-"
        what = attempt["code"] or attempt["type"]
        screen.paragraph(f"{what}: {attempt['message']}", after=f"  {at}  delivery {attempt['delivery']}  ")
