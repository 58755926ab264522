"""Dead letters as JSON and as rows."""

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from leeward_admin import Detail, Group, StoredEvent, Summary


def summary_document(letter: "Summary") -> dict[str, Any]:
    """A list's item."""
    return {name: plain(value) for name, value in asdict(letter).items()}


def detail_document(letter: "Detail", events: "list[StoredEvent]") -> dict[str, Any]:
    """Everything about one, without secrets, and what happened to it."""
    from leeward_admin import document

    shown = [{name: plain(value) for name, value in asdict(event).items()} for event in events]
    found = document(letter)
    more = {
        "replay_outcome": replay_outcome(letter, events),
        "past_attempts": attempts(found["options"]),
        "tags": _tags(found["options"]),
    }
    return found | more | {"events": shown}


def _tags(options: Any) -> list[str]:
    tags = options.get("tags") if isinstance(options, dict) else None
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def replay_outcome(letter: "Summary", events: "list[StoredEvent]") -> str | None:
    """What its latest replay led to: `recovered`, `dead_again`, `pending`; None when there was none."""
    if letter.state == "recovered":
        return "recovered"
    if letter.state != "requeued":
        return None
    last = next((event.event for event in reversed(events) if event.event in {"dead_again", "requeued"}), None)
    return "dead_again" if last == "dead_again" else "pending"


def group_document(group: "Group") -> dict[str, Any]:
    """A line of counts."""
    return group._asdict()


def plain(value: Any) -> Any:
    """In JSON's types."""
    match value:
        case datetime():
            return value.isoformat()
        case UUID():
            return str(value)
    return value


def attempts(options: Any) -> list[dict[str, Any]]:
    """The attempts that failed before the last, ten at most, as they travelled with the job: `at`, `delivery`, `type`,
    `message`, `code`.
    """
    from leeward_admin import past_attempts

    found = past_attempts(options if isinstance(options, dict) else None)
    return [{name: plain(value) for name, value in asdict(attempt).items()} for attempt in found]
