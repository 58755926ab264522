"""Taking secrets out of a dead job before anything of it is stored.

The contract marks secret fields (`leeward.jobs.secret`) and says what else counts as one (`leeward.redaction`). What is hidden too much can
be set again with an edit; what is shown too much cannot be unseen.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from leeward.flows.follow_up import FLOW, THEN
from leeward.jobs.job import Job
from leeward.jobs.kinds import KINDS
from leeward.jobs.secret import REDACTED
from leeward.redaction import Hidden, cleaned_value, hidden
from leeward.redaction.forms import finder
from leeward.redaction.scrubbing import scrubbed
from storage.payloads.message import closed, member, opened, payload_of
from storage.payloads.redacted_bytes import redacted_bytes


@dataclass(frozen=True, slots=True)
class Redacted:
    """A message without its secrets.

    Attributes:
        message: the exact bytes that came, or new ones when something had to go.
        body: the opened message, likewise without secrets; None when the bytes are not a message.
        removed: where the values that are gone were: `password`, `values.reset.api_key`, `url?token`, `url userinfo`.
    """

    message: bytes
    body: dict[str, Any] | None
    removed: frozenset[str]
    _secrets: re.Pattern[str] | None = field(repr=False)

    def scrub(self, value: Any) -> Any:
        """The text or JSON value without the secrets that were removed, and without whatever else must not be seen."""
        return cleaned_value(value if self._secrets is None else scrubbed(value, self._secrets))


def redacted(message: bytes) -> Redacted:
    """Takes the secrets out of an encoded Dramatiq message, wherever in it they are.

    Bytes that it has returned come back as they are, with the same places in `removed`.
    """
    body = opened(message)
    if body is None:
        safe, names, values = redacted_bytes(message)
        return Redacted(safe, None, names, finder(values))
    parts = list(_parts(body))
    removed = frozenset(path for part in parts for path in part.removed)
    secrets = finder(secret for part in parts for secret in part.secrets)
    safe_body = {name: value for part in parts for name, value in part.value.items()}
    safe_body = {name: safe_body[name] for name in body}
    if secrets is not None:
        safe_body |= {part: scrubbed(safe_body[part], secrets) for part in _WITH_TEXTS & safe_body.keys()}
    if removed:
        # A digest of the payload lets anyone test guesses of a short password.
        member(safe_body, "options").pop("fingerprint", None)
    if safe_body == body:
        return Redacted(message, body, removed, secrets)
    return Redacted(closed(safe_body), safe_body, removed, secrets)


def secrets_gone(removed: Iterable[str]) -> str:
    """Why a letter that lost secrets is not replayed, and what makes it whole."""
    places = sorted(removed)
    if all(place.startswith(f"{THEN}.") for place in places):
        return (
            f"secrets are not kept with a dead letter, and a follow-up of this job had one ({', '.join(places)}): enqueue the job again"
            " with its follow-ups"
        )
    names = ", ".join(sorted({re.split(r"[ .?]", place)[0] for place in places}))
    return (
        f"secrets are not kept with a dead letter, and this job had one ({', '.join(places)}): edit its payload and set"
        f" {names} again, or enqueue the job again"
    )


def lacks_secrets(message: bytes) -> bool:
    """Whether a message is one whose secrets were taken out."""
    return bool(missing(payload_of(opened(message) or {})))


def missing(payload: Any) -> list[str]:
    """Where a payload still has what redaction left, so that its job could not be done."""
    match payload:
        case str():
            return [""] if REDACTED in payload else []
        case dict():
            places = [(str(name), place) for name, value in payload.items() for place in missing(value)]
        case list():
            places = [(str(number), place) for number, value in enumerate(payload) for place in missing(value)]
        case _:
            return []
    return [f"{name}.{place}" if place else name for name, place in places]


_WITH_TEXTS = frozenset({"args", "kwargs", "options"})


def _parts(body: dict[str, Any]) -> Iterator[Hidden]:
    """The members of a message, each without its secrets, by name."""
    for name, value in body.items():
        match name, value:
            case "kwargs", {"payload": payload, **others}:
                yield _kwargs(hidden(payload, _models(body)), hidden(others))
            case "args" | "kwargs", _:
                part = hidden(value, path="args" if name == "args" else "")
                yield Hidden({name: part.value}, part.removed, part.secrets)
            case "options", _:
                yield _options(value)
            case _:
                yield hidden({name: value})


def _kwargs(payload: Hidden, others: Hidden) -> Hidden:
    value = {"payload": payload.value, **others.value}
    return Hidden({"kwargs": value}, payload.removed | others.removed, payload.secrets | others.secrets)


def _options(value: Any) -> Hidden:
    """Texts in it are cleaned. Half an idempotency key would stand for other work, so that one with a secret goes."""
    options, follow_ups = cleaned_value(value), _follow_ups(value)
    removed, secrets = set(follow_ups.removed), set(follow_ups.secrets)
    if follow_ups.value is not None:
        options[FLOW] = follow_ups.value
    if isinstance(options, dict) and options.get("idempotency_key") != value.get("idempotency_key"):
        del options["idempotency_key"]
        removed.add("idempotency key")
    return Hidden({"options": options}, removed, secrets)


def _follow_ups(options: Any) -> Hidden:
    """The option `flow` with its follow-ups without secrets: each is a message of its own. None where there are none."""
    flow = options.get(FLOW) if isinstance(options, dict) else None
    if not isinstance(flow, dict) or not isinstance(flow.get(THEN), list):
        return Hidden(None)
    found = Hidden(cleaned_value(flow))
    found.value[THEN] = [_follow_up(one, f"{THEN}.{number}", found) for number, one in enumerate(flow[THEN])]
    return found


def _follow_up(follow_up: Any, path: str, found: Hidden) -> Any:
    if not isinstance(follow_up, dict) or not isinstance(follow_up.get("message"), dict):
        return cleaned_value(follow_up)
    parts = list(_parts(follow_up["message"]))
    found.removed.update(f"{path}.{place}" for part in parts for place in part.removed)
    found.secrets.update(secret for part in parts for secret in part.secrets)
    return follow_up | {"message": {name: value for part in parts for name, value in part.value.items()}}


def _models(body: dict[str, Any]) -> tuple[type[Job], ...]:
    """All versions of its kind: a field that any of them calls secret is secret in all."""
    kind = body.get("actor_name")
    return KINDS.descriptions(kind) if isinstance(kind, str) else ()
