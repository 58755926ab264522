"""Correcting what a replay of a dead letter will take. The original stays, and every change is in the audit."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, null

from storage.dead_letters.audit import EventKind
from storage.dead_letters.intake.new_letter import PAYLOAD_LIMIT_BYTES
from storage.dead_letters.letter.queries import get
from storage.dead_letters.letter.views import Detail, Summary
from storage.dead_letters.triage.correction import InvalidCorrection, corrected, differences
from storage.dead_letters.triage.decisions import Decision, decide
from storage.payloads.message import payload_of
from storage.payloads.redaction import missing, redacted, secrets_gone
from storage.payloads.sanitise import json_value

KeepSecret = Callable[[str, UUID, bytes], None]
"""Keeps a corrected message with its secrets for the replay: provider, dead letter, message."""


def editable_payload(letter: Detail) -> Any:
    """The payload that a replay would take now, to be corrected; `REDACTED` stands where a secret was.

    Raises:
        InvalidCorrection: it has none.
    """
    body = redacted(letter.edited_message or letter.message).body
    if body is None:
        raise InvalidCorrection("its bytes are not a message, so there is no payload to correct: enqueue the job again")
    return payload_of(body)


def edit(
    connection: Connection, id_: UUID, version: int, *, who: str, payload: object, keep_secret: KeepSecret | None = None
) -> Summary:
    """Puts this payload in place of the one that a replay would take. May be done again and again.

    Args:
        connection: in a transaction.
        id_: of the dead letter.
        version: as it was read.
        who: for the audit.
        payload: the whole of it.
        keep_secret: is given the whole message where it holds a secret, for the replay. What is written down here has none.

    Raises:
        InvalidCorrection: the payload cannot be that of this job.
        DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
    """
    letter = get(connection, id_)
    editable_payload(letter)
    correction = corrected(letter.message, letter.edited_message or letter.message, payload)
    if correction.stored != correction.message:
        _hand_over(letter, correction.message, keep_secret)
    changes = {
        "edited_message": correction.stored,
        "edited_payload": json_value(correction.payload, PAYLOAD_LIMIT_BYTES),
        "replay_refusal": None,
    }
    detail = {"before": correction.before, "after": correction.after}
    return decide(connection, Decision(id_, version, who, EventKind.EDITED, changes, detail))


def undo_edit(connection: Connection, id_: UUID, version: int, *, who: str) -> Summary:
    """Goes back to the payload that the job died with.

    Raises:
        InvalidCorrection: it has not been corrected.
        DeadLetterChanged, ImpossibleStep, UnknownDeadLetter: nothing was changed.
    """
    letter = get(connection, id_)
    if letter.edited_message is None:
        raise InvalidCorrection("its payload has not been corrected: there is nothing to undo")
    # Read again without secrets: a release that wrote it may have known fewer of them.
    edited, original = (redacted(message).body or {} for message in (letter.edited_message, letter.message))
    before, after = differences(payload_of(edited), payload_of(original))
    gone = missing(payload_of(original))
    changes = {
        "edited_message": None,
        "edited_payload": null(),
        "replay_refusal": secrets_gone(gone) if gone else None,
    }
    detail = {"undone": True, "before": before, "after": after}
    return decide(connection, Decision(id_, version, who, EventKind.EDITED, changes, detail))


def _hand_over(letter: Detail, message: bytes, keep_secret: KeepSecret | None) -> None:
    if keep_secret is None:
        raise InvalidCorrection(
            "it holds a secret, and there is no place to keep that for the replay: edit it with the fleet's Valkey"
        )
    keep_secret(letter.provider, letter.id, message)
