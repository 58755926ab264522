"""The text of a Lua script: shared parts included by name, and of those only what the script uses.

A script runs from its first line on every call, and each `local function` that it passes is made again. So what a script never uses is left
out, and what it seldom uses is made at its first use.
"""

import re
from collections import Counter
from functools import cache
from importlib.resources import files

_INCLUDE = re.compile(r"^-- include(?P<seldom> seldom)?: (?:(?P<folder>[\w/]+)/)?(?P<name>\w+\.lua)$", re.MULTILINE)
_EXPORTS = re.compile(r"^-- exports: (?P<names>\w+(?:, \w+)*)\n", re.MULTILINE)
_FUNCTION = re.compile(r"^local function (?P<name>\w+)\(.*?^end$\n?", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^[ \t]*--(?! include(?: seldom)?:| exports:).*\n", re.MULTILINE)
_NAME = re.compile(r"\w+")
_BEGIN, _END = "-- seldom: ", "-- end of seldom\n"
_SELDOM = re.compile(rf"^{_BEGIN}(?P<names>.*)\n(?P<body>(?:.*\n)*?){_END}", re.MULTILINE)


@cache
def source(package: str, name: str) -> str:
    """The text of a script, with each line `-- include: [folder/]file.lua` replaced by that file: a path from the root
    of our packages, or a file of the same folder.

    Of a file with a line `-- exports: one, other` only these functions can be seen by others, and all of it is made when one of them is
    first called; `-- include seldom:` does so with all functions of a file. A function, from `local function` to `end` in the first
    column, is left out of a script that does not name it.
    """
    text = _used(whole(package, name))
    makers: dict[str, str] = {}

    def made(part: re.Match[str]) -> str:
        there = [one for one in part["names"].split(", ") if f"local function {one}(" in part["body"]]
        maker = f"make_{there[0]}" if there else ""
        makers.update(dict.fromkeys(there, maker))
        return _made_when_called(there, maker, part["body"]) if there else ""

    text = _SELDOM.sub(made, text)
    return _CALL.sub(lambda call: _call(text, call, makers), text) if makers else text


@cache
def whole(package: str, name: str) -> str:
    """A file with everything that it includes, used or not, without comments; what is seldom used stands between marks."""
    text = _COMMENT.sub("", files(package).joinpath(name).read_text(encoding="utf-8"))
    text = _INCLUDE.sub(lambda found: _included(package, found), text)
    exports = _EXPORTS.search(text)
    return text if exports is None else _seldom(exports["names"], _EXPORTS.sub("", text))


def _included(package: str, include: re.Match[str]) -> str:
    text = whole(include["folder"].replace("/", ".") if include["folder"] else package, include["name"])
    if include["seldom"] is None or text.startswith(_BEGIN):
        return text
    text = _SELDOM.sub(lambda part: part["body"], text)
    return _seldom(", ".join(found["name"] for found in _FUNCTION.finditer(text)), text)


def _seldom(names: str, text: str) -> str:
    return f"{_BEGIN}{names}\n{text}\n{_END}"


def _used(text: str) -> str:
    """Leaves functions out that nothing names, until there are none."""
    less = ""
    while less != text:
        text, less = less or text, _without_unused(less or text)
    return text


def _without_unused(text: str) -> str:
    named = Counter(_NAME.findall(_SELDOM.sub(lambda found: found["body"], text)))

    def kept(function: re.Match[str]) -> str:
        by_itself = _NAME.findall(function[0]).count(function["name"])
        return function[0] if named[function["name"]] > by_itself else ""

    return _FUNCTION.sub(kept, text)


def _made_when_called(names: list[str], maker: str, body: str) -> str:
    body = re.sub(rf"^local function ({'|'.join(names)})\(", r"function \1(", body, flags=re.MULTILINE)
    return f"local {', '.join(names)}\nlocal function {maker}()\n{body}end\n"


def _call(text: str, call: re.Match[str], makers: dict[str, str]) -> str:
    """A call of a function that may have to be made first. Not a stub, which would be one more function to make on every call."""
    maker = makers.get(call["name"])
    if maker is None:
        return call[0]
    apart = ";" if call["start"] is not None and _ends_a_statement(text[: call.start("start")]) else ""
    return f"{call['start'] or ''}{apart}({call['name']} or {maker}() or {call['name']})("


def _ends_a_statement(before: str) -> bool:
    """After one a bracket would call what it ended with; at the beginning of a block nothing may stand before the bracket."""
    line = before.rstrip().rpartition("\n")[2]
    return not _BEGINS.search(line)


_CALL = re.compile(r"(?<![\w.:])(?<!function )(?:(?P<start>^[ ]*))?(?P<name>[a-z]\w*)\(", re.MULTILINE)
_BEGINS = re.compile(
    r"(?:^|\b(?:then|else|do|repeat|and|or|not|return|in)|function\s*[\w.]*\([^()]*\)|[-,(={+*/<>~.])\Z"
)
