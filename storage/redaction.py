"""Taking secrets out of a dead job before anything of it is stored.

The contract marks secret fields (`leeward.secret`). A field that this release does not know (a newer producer, an actor that is not ours)
counts as secret when its name says so: what is hidden too much can be enqueued again, what is shown too much cannot be unseen.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

from leeward.job import Job
from leeward.kinds import KINDS, job_type
from leeward.secret import REDACTED, secret_fields
from storage.message import closed, member, opened

_WORDS = r"passw(?:or)?d|passphrase|secret|token|api_?key|credential|authorization|private_?key"
_SOUNDS_SECRET = re.compile(_WORDS, re.IGNORECASE)
_LONG_ENOUGH = 4
"""A shorter secret is replaced only where it stands alone: `a` is part of almost everything."""
_LONGEST_LITERAL = 1_000
"""Of a longer secret only this much is compared; what follows is taken for the rest of it."""
_MOST_SECRETS = 100
"""Looking for more at every place would take for ever: then every text is hidden, and only names are shown."""
_ANYTHING = re.compile(r"(?s).+")


@dataclass(frozen=True, slots=True)
class Redacted:
    """A message without its secrets.

    Attributes:
        message: the exact bytes that came, or new ones when something had to go.
        body: the opened message, likewise without secrets; None when the bytes are no message.
        removed: the names of the fields whose values are gone.
    """

    message: bytes
    body: dict[str, Any] | None
    removed: frozenset[str]
    _secrets: re.Pattern[str] | None = field(repr=False)

    def scrub(self, value: Any) -> Any:
        """The text or JSON value with every occurrence of a removed secret replaced."""
        return value if self._secrets is None else _scrubbed(value, self._secrets)


def redacted(message: bytes) -> Redacted:
    """Takes the secrets out of an encoded Dramatiq message, wherever in it they are."""
    body = opened(message)
    if body is None:
        return _redacted_bytes(message)
    removed: dict[str, list[str]] = {}
    for holder, names in list(_secret_places(body)):
        for name in names:
            removed.setdefault(name, []).extend(_texts(holder[name]))
            holder[name] = REDACTED
    if not removed:
        return Redacted(message, body, frozenset(), None)
    secrets = _pattern(text for texts in removed.values() for text in texts)
    if secrets is not None:
        body |= {part: _scrubbed(body[part], secrets) for part in ("args", "kwargs", "options") if part in body}
    # A digest of the payload lets anyone test guesses of a short password.
    member(body, "options").pop("fingerprint", None)
    return Redacted(closed(body), body, frozenset(removed), secrets)


def _secret_places(body: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """The objects that hold secrets, each with the names of the members to hide."""
    kwargs = member(body, "kwargs")
    payload = kwargs.get("payload")
    model = _model(body)
    if model is not None and isinstance(payload, dict):
        unknown = payload.keys() - model.model_fields.keys()
        hidden = _secret_names(model) | {name for name in unknown if _SOUNDS_SECRET.search(name)}
        yield payload, [name for name in payload if name in hidden and payload[name] is not None]
        return
    for holder in _objects([body.get("args"), kwargs]):
        yield holder, [name for name, value in holder.items() if _SOUNDS_SECRET.search(name) and value is not None]


def _model(body: dict[str, Any]) -> type[Job] | None:
    kind, version = body.get("actor_name"), member(body, "options").get("kind_version")
    return job_type(kind, version) if isinstance(kind, str) and isinstance(version, int) else None


def _secret_names(model: type[Job]) -> frozenset[str]:
    """A field that any version of a kind calls secret is secret in all of them."""
    return frozenset().union(*(secret_fields(job) for job in KINDS if job.kind == model.kind))


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _objects(child)


def _texts(value: Any) -> Iterator[str]:
    """Everything in a secret value that could turn up elsewhere."""
    match value:
        case str():
            yield value
        case bool() | None:
            return
        case int() | float():
            yield str(value)
        case dict():
            for child in value.values():
                yield from _texts(child)
        case list():
            for child in value:
                yield from _texts(child)


def _pattern(secrets: Iterator[str]) -> re.Pattern[str] | None:
    """Finds the secrets as they are and as errors quote them: Python's repr, JSON, a URL."""
    known = {secret for secret in secrets if secret and secret != REDACTED}
    if not known:
        return None
    if len(known) > _MOST_SECRETS:
        return _ANYTHING
    forms: set[str] = set()
    for secret in known:
        forms |= {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, "", errors="replace")}
        forms.add(quote_plus(secret, errors="replace"))
    return re.compile("|".join(_finder(form) for form in sorted(forms, key=len, reverse=True)))


def _finder(form: str) -> str:
    if len(form) < _LONG_ENOUGH:
        return rf"(?<!\w){re.escape(form)}(?!\w)"
    rest = len(form) - _LONGEST_LITERAL
    return re.escape(form[:_LONGEST_LITERAL]) + (rf"(?s:.{{0,{rest}}})" if rest > 0 else "")


def _scrubbed(value: Any, secrets: re.Pattern[str]) -> Any:
    match value:
        case str():
            return secrets.sub(REDACTED, value)
        case dict():
            named = value if secrets is _ANYTHING else {secrets.sub(REDACTED, name): v for name, v in value.items()}
            return {name: _scrubbed(v, secrets) for name, v in named.items()}
        case list():
            return [_scrubbed(v, secrets) for v in value]
        case bool() | None:
            return value
        case int() | float():
            text = str(value)
            return REDACTED if len(text) >= _LONG_ENOUGH and secrets.fullmatch(text) else value
    return value


_NAMES = "|".join(sorted({name for job in KINDS for name in secret_fields(job)} | {_WORDS}))
_MEMBER = re.compile(
    # Bounded, so that bytes made to be slow are not.
    rb"""(?P<name>["'][\w.-]{0,64}(?:%s)[\w.-]{0,64}\\{0,8}["']\s{0,64}[:=]\s{0,64}\\{0,8})""" % _NAMES.encode()
    # A quoted value, also one whose end is missing, or a bare one.
    + rb"""(?P<value>"(?:[^"\\]|\\.)*(?:"|\\?$)|'(?:[^'\\]|\\.)*(?:'|\\?$)|[^\s"',}\]][^\s,}\]]*)""",
    re.IGNORECASE | re.DOTALL,
)


def _redacted_bytes(message: bytes) -> Redacted:
    """For bytes that are no message: hides what stands behind a name that sounds secret."""
    found = list(_MEMBER.finditer(message))
    values = (value for match in found for value in _readings(match["value"]))
    safe = _MEMBER.sub(lambda match: match["name"] + f'"{REDACTED}"'.encode(), message)
    names = (match["name"].decode("utf-8", "backslashreplace") for match in found)
    return Redacted(safe, None, frozenset(re.findall(r"[\w.-]+", name)[0] for name in names), _pattern(values))


def _readings(value: bytes) -> tuple[str, str]:
    """A value as it stands, and up to the first escaped quote, which ends it when the message was itself quoted."""
    text = value.strip(b"\"'\\").decode("utf-8", "backslashreplace")
    return text, re.split(r"\\+[\"']", text)[0]
