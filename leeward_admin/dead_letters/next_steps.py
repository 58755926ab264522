"""Rule: what can be done about one dead letter."""

import re

from leeward.actions import Action, DiscardDeadLetters, EditPayload, Letters, ReplayDeadLetters
from storage.dead_letters.letter.views import Detail
from storage.dead_letters.state import OPEN
from storage.payloads.message import opened, payload_of
from storage.payloads.redaction import missing

__all__ = ["next_steps"]


_REST_OF_PLACE = re.compile(r"[ .?].*", re.DOTALL)


def next_steps(letter: Detail) -> tuple[Action, ...]:
    """The steps, the best first; none for a dead letter that is no longer open."""
    if letter.state not in OPEN:
        return ()
    these = Letters(ids=(str(letter.id),))
    if fields := _fields_without_secrets(letter):
        return (EditPayload(str(letter.id), fields), DiscardDeadLetters(these))
    if letter.replay_refusal:
        return (DiscardDeadLetters(these),)
    return (ReplayDeadLetters(these, dry_run=True), DiscardDeadLetters(these))


def _fields_without_secrets(letter: Detail) -> tuple[str, ...]:
    """The fields of the payload that held a secret, which a dead letter does not keep."""
    body = opened(letter.edited_message or letter.message)
    places = missing(payload_of(body)) if body else []
    return tuple(sorted({_REST_OF_PLACE.sub("", place) for place in places}))
