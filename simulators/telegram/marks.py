"""How the Bot API refuses a text whose marks it cannot read. Far from its whole parsers: enough to be refused by."""

import re

_TAGS = frozenset(
    {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "code", "pre", "a", "tg-spoiler", "blockquote"}
)
_TAG = re.compile(r"<(/?)([a-zA-Z-]*)[^<>]*>")
_RESERVED = re.compile(r"(?<!\\)[>#+\-=|{}.!]")


def unreadable(text: str, parse_mode: str) -> str | None:
    """What is wrong, in the words of the server; None where all marks can be read."""
    if parse_mode == "HTML":
        return _html(text)
    if parse_mode == "MarkdownV2" and (found := _RESERVED.search(text)) is not None:
        return f"Character '{found[0]}' is reserved and must be escaped with the preceding '\\'"
    if parse_mode == "Markdown" and text.count("*") % 2:
        return f"Can't find end of the entity starting at byte offset {text.encode().index(b'*')}"
    return None


def plain(text: str, parse_mode: str | None) -> str:
    """The text as it is shown."""
    return _TAG.sub("", text) if parse_mode == "HTML" else text.replace("\\", "")


def _html(text: str) -> str | None:
    still_open: list[str] = []
    for found in _TAG.finditer(text):
        is_end, name = bool(found[1]), found[2].lower()
        if name not in _TAGS:
            return f'Unsupported start tag "{name}" at byte offset {len(text[: found.start()].encode())}'
        if not is_end:
            still_open.append(name)
        elif not still_open or still_open.pop() != name:
            return f"Unmatched end tag at byte offset {len(text[: found.start()].encode())}"
    return f"Can't find end tag corresponding to start tag {still_open[-1]}" if still_open else None
