"""Texts for people: errors, logs, what a provider answered."""

import re
from functools import lru_cache
from typing import Any

from leeward.jobs.secret import REDACTED
from leeward.redaction.credentials import without_credentials
from leeward.redaction.names import secret_name, sounds_secret
from leeward.redaction.urls import without_url_secrets

# Every repetition is bounded, so that text made to be slow is not.
_STRING = r"""[bru]{0,2}"(?:[^"\\]|\\.){0,4000}"?|[bru]{0,2}'(?:[^'\\]|\\.){0,4000}'?"""
"""A quoted value, also one whose end was cut off."""
_INSIDE = r"(?>[^\[\]{}]{1,4000})"
_NESTED = rf"[\[{{](?>(?:{_INSIDE}|[\[{{](?>(?:{_INSIDE}|[\[{{]{_INSIDE}?[\]}}])" r"{0,40})[\]}]){0,40})[\]}]?"
_WORD = r"""(?:[^\s"',;&)}\]]|["'](?=[\w.+/=-])){1,4000}"""
_QUOTED_NAME = (
    # "name": value and 'name': value, as JSON and Python write members; escaped quotes where the text was itself quoted.
    r"""(?P<before>["'](?P<name>NAME)\\{0,8}["']\s{0,8}(?:[:=]|=>)\s{0,8}\\{0,8})"""
    # A string, a list or an object, or a bare value.
    rf"""(?P<value>{_STRING}|{_NESTED}|[^\s"',}}\]{{\[][^\s,}}\]]{{0,4000}})"""
)
_ASSIGNED = (
    # name=value, as Python writes arguments and programs write options; name = 'value' and name: 'value', which is prose without quotes.
    r"""(?P<before>(?<![\w.&?;%-])(?=[\w.-]{1,192}(?:[ ][\w.-]{1,64})?\s{0,4}[:=])(?P<name>NAME)"""
    rf"""(?:=|\s{{0,4}}[:=]\s{{0,4}}(?=["'])))"""
    r"""(?P<value>[\w.]{1,64}\((?:"(?:[^"\\]|\\.){0,4000}"|'(?:[^'\\]|\\.){0,4000}'|[^()]{0,4000})\)"""
    rf"""|{_STRING}|(?:Basic|Bearer|Digest|MediaBrowser|Negotiate|Token)[ \t]{{1,4}}{_WORD}|{_WORD})"""
)
_PAIR = (
    # ('name', 'value') and (b'name', b'value'), as Python writes fields of HTTP.
    rf"""(?P<before>\(b?["'](?P<name>NAME)["'],\s?)(?P<value>{_STRING})(?=\))"""
)
_ELEMENT = r"""(?P<before><(?:[\w-]{1,64}:)?(?P<name>NAME)(?:\s[^<>]{0,400})?(?<!/)>)(?P<value>[^<]{1,4000})"""
_FIELD = (
    # A header field of HTTP. Only what looks like one: prose has colons, too.
    r"""(?P<before>\b(?P<name>(?:Proxy-)?Authorization|(?:Set-)?Cookie|Api-Key|X-NAME):[ \t]{0,4})(?P<value>[^\s"'][^\r\n"']{0,4000})"""
)


def cleaned(text: str) -> str:
    """The text without this process's credentials, without the secrets of URLs, and without values that stand behind a secret name."""
    text = without_url_secrets(without_credentials(text))
    for pattern in _patterns(secret_name()):
        text = pattern.sub(_hidden, text)
    return text


@lru_cache(maxsize=4)
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    forms = (_FIELD, _QUOTED_NAME, _PAIR, _ASSIGNED, _ELEMENT)
    return tuple(re.compile(form.replace("NAME", name), re.IGNORECASE | re.DOTALL) for form in forms)


def cleaned_value(value: Any) -> Any:
    """The same for a JSON value at any depth; a member whose name is secret loses its whole value."""
    match value:
        case str():
            return cleaned(value)
        case dict():
            return {_name(name): _member(name, one) for name, one in value.items()}
        case list() | tuple():
            return [cleaned_value(one) for one in value]
    return value


def _member(name: object, value: Any) -> Any:
    hides = isinstance(name, str) and sounds_secret(name) and value is not None and not isinstance(value, bool)
    return REDACTED if hides else cleaned_value(value)


def _name(name: Any) -> Any:
    return without_url_secrets(without_credentials(name)) if isinstance(name, str) else name


def _hidden(match: re.Match[str]) -> str:
    if REDACTED[:-1] in match["value"] or not sounds_secret(match["name"].strip("\"'")):
        return match[0]
    quote = match["value"][0] if match["value"][0] in "\"'" else ""
    return f"{match['before']}{quote}{REDACTED}{quote}"
