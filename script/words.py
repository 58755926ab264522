"""Finds words that a reader would have to learn and the field has a standard term for: `script/words.toml` lists them.

Prose is all of a Markdown, shell, TOML or YAML file, and of Python and Lua the comments, the strings and the names of tests; words in
backticks are code. Names are identifiers of Python and Lua, part by part. `words.toml` says in which folders and files each is checked.
"""

import io
import keyword
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent
_GAP = "\x00"
"""Replaces code in a text of prose, so that no phrase is found across it."""

_LUA = re.compile(r"--\[\[.*?\]\]|--[^\n]*|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|\[\[.*?\]\]", re.DOTALL)
_INLINE_CODE = re.compile(r"`[^`\n]+`")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_STRINGS = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}


@dataclass(frozen=True)
class Word:
    """A pattern of prose, or a part of a name, and what to write instead."""

    pattern: re.Pattern[str]
    instead: str


@dataclass(frozen=True)
class Area:
    """Where a list applies: below `folders`, without what is below `leave_out`."""

    folders: tuple[str, ...]
    leave_out: tuple[str, ...]

    def holds(self, name: str) -> bool:
        return _is_below(name, self.folders) and not _is_below(name, self.leave_out)


@dataclass(frozen=True)
class WordList:
    prose: tuple[Word, ...]
    names: tuple[Word, ...]
    prose_area: Area
    names_area: Area

    @classmethod
    def read(cls, text: str) -> "WordList":
        """
        Raises:
            re.error, KeyError, tomllib.TOMLDecodeError: the list cannot be used.
        """
        document = tomllib.loads(text)
        return cls(
            prose=tuple(Word(_phrase(find), instead) for find, instead in document["prose"]["words"].items()),
            names=tuple(
                Word(re.compile(rf"(?:{find})\Z"), instead) for find, instead in document["names"]["words"].items()
            ),
            prose_area=_area(document["prose"]),
            names_area=_area(document["names"]),
        )

    def problems(self, name: str, text: str) -> Iterator[str]:
        """One line for each word found: file, line, the word, what to write instead."""
        if self.prose_area.holds(name):
            yield from _found(name, prose(name, text), self.prose)
        if self.names_area.holds(name):
            yield from _found_names(name, text, self.names)


def prose(name: str, text: str) -> str:
    """The text with all code blanked out, so that positions stay the same."""
    if name.endswith(".py"):
        return _python_prose(text)
    if name.endswith(".lua"):
        return _kept(text, (match.span() for match in _LUA.finditer(text) if not _is_symbol(match[0])))
    return _INLINE_CODE.sub(lambda match: _blank(match[0]), text)


def _python_prose(text: str) -> str:
    starts = _line_starts(text)
    spans, before = [], ""
    for token in _tokens(text):
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        if (token.type in _STRINGS and not _is_symbol(token.string)) or (
            before == "def" and token.string.startswith("test_")
        ):
            spans.append((start, end))
        before = token.string
    kept = _kept(text, spans)
    return re.sub(r"\btest_\w+", lambda match: match[0].replace("_", " "), kept)


def _kept(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces, position = [], 0
    for start, end in spans:
        pieces += [_blank(text[position:start]), _unquoted(text[start:end])]
        position = end
    kept = "".join([*pieces, _blank(text[position:])])
    return _INLINE_CODE.sub(lambda match: _blank(match[0]), kept)


def _is_symbol(piece: str) -> bool:
    """Whether a string is one word, as a key or a value of code is."""
    return re.fullmatch(r"([\"'])\w+\1", piece) is not None


def _unquoted(piece: str) -> str:
    """A comment or string without what encloses it and without the fields of an f-string."""
    match = re.match(r"#:?|--+|[A-Za-z]{0,2}(?:\"\"\"|'''|[\"'])", piece)
    mark = match[0] if match else ""
    quote = mark.lstrip("rbfuRBFU")
    if "f" in mark.lower():
        piece = re.sub(r"\{[^{}\n]*\}", lambda field: _GAP * len(field[0]), piece)
    if not piece.endswith(quote) or mark[:1] in {"", "#", "-"}:
        return " " * len(mark) + piece[len(mark) :]
    return " " * len(mark) + piece[len(mark) : -len(quote)] + " " * len(quote)


def _blank(code: str) -> str:
    return re.sub(r"\S", _GAP, code)


def _found(name: str, text: str, words: Iterable[Word]) -> Iterator[str]:
    matches = [(match, word.instead) for word in words for match in word.pattern.finditer(text)]
    end = 0
    for match, instead in sorted(matches, key=lambda found: (found[0].start(), -found[0].end())):
        if (
            match.start() >= end
        ):  # of two that overlap, the one that begins first; of two that begin together, the longer one
            line = text.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {' '.join(match[0].split())!r}: {instead}"
            end = match.end()


def _found_names(name: str, text: str, words: Iterable[Word]) -> Iterator[str]:
    for identifier, line in sorted(_identifiers(name, text), key=lambda found: found[1]):
        for part in _PART.findall(identifier):
            yield from (
                f"{name}:{line}: {part!r} in the name {identifier!r}: {word.instead}"
                for word in words
                if word.pattern.match(part.lower())
            )


def _identifiers(name: str, text: str) -> set[tuple[str, int]]:
    if name.endswith(".py"):
        names = (token for token in _tokens(text) if token.type == tokenize.NAME)
        return {(token.string, token.start[0]) for token in names if not keyword.iskeyword(token.string)}
    if name.endswith(".lua"):
        code = _LUA.sub(lambda match: re.sub(r"\S", " ", match[0]), text)
        return {(match[0], code.count("\n", 0, match.start()) + 1) for match in _NAME.finditer(code)}
    return set()


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)


def _line_starts(text: str) -> list[int]:
    lengths = [len(line) for line in io.StringIO(text)]
    return [sum(lengths[:number]) for number in range(len(lengths) + 1)]


def _phrase(find: str) -> re.Pattern[str]:
    """Whole words, in any case, over line ends."""
    pattern = find.replace(" ", r"\s+")
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w@-])", re.IGNORECASE)


def _area(table: dict[str, Any]) -> Area:
    return Area(tuple(table["folders"]), tuple(table.get("leave_out", ())))


def _is_below(name: str, folders: Iterable[str]) -> bool:
    return any(folder in (".", name) or name.startswith(f"{folder}/") for folder in folders)


def _tracked() -> list[str]:
    """Files that people write: no lock files, no data."""
    patterns = ["*.md", "*.py", "*.lua", "*.yml", "*.toml", "script/*", "deploy/*", "Procfile"]
    listed = subprocess.run(
        ["git", "ls-files", *patterns], capture_output=True, text=True, check=True, cwd=_ROOT
    ).stdout
    return [name for name in listed.splitlines() if name != "script/words.toml" and (_ROOT / name).is_file()]


def main() -> None:
    words = WordList.read((_ROOT / "script/words.toml").read_text(encoding="utf-8"))
    problems = [
        line for name in _tracked() for line in words.problems(name, (_ROOT / name).read_text(encoding="utf-8"))
    ]
    if problems:
        sys.exit(
            "\n".join(
                [*problems, f"{len(problems)} words to replace; script/words.toml says why, docs/glossary.md has ours."]
            )
        )


if __name__ == "__main__":
    main()
