"""Compose's `${NAME}`, `${NAME:-default}` and `${NAME-default}`, defaults nested; anything else that begins with `$` is an error."""

import re
from collections.abc import Mapping

_START = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(:?-|(?=}))")


def interpolate(text: str, variables: Mapping[str, str]) -> str:
    result, rest = "", text
    while "$" in rest:
        before, _, _ = rest.partition("$")
        match = _START.match(rest, len(before))
        if match is None:
            raise ValueError(f"not understood: {rest}")
        end = _closing_brace(rest, match.end())
        name, operator, default = match[1], match[2], rest[match.end() : end]
        result += before + _value(variables.get(name), operator, default, variables)
        rest = rest[end + 1 :]
    return result + rest


def names_in(text: str) -> set[str]:
    """The variables that the text may be given."""
    return {match[1] for match in _START.finditer(text)}


def _value(value: str | None, operator: str | None, default: str, variables: Mapping[str, str]) -> str:
    is_missing = not value if operator == ":-" else value is None
    return interpolate(default, variables) if is_missing else (value or "")


def _closing_brace(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        depth += text.startswith("${", position) - (text[position] == "}")
        if depth == 0:
            return position
    raise ValueError(f"no closing brace: {text}")
