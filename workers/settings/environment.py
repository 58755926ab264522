"""From environment variables to raw values: the prefix, values kept in files, names that nobody knows."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from pathlib import Path

from workers.settings.problem import Problem

PREFIX = "LEEWARD_"
_FILE = "_FILE"
NEARLY = 0.85
"""How alike a misspelt name is to the right one."""


def raw_values(
    environ: Mapping[str, str], *, names: Collection[str], secrets: Collection[str]
) -> tuple[dict[str, str], list[Problem]]:
    """Name without prefix -> text, for every name that is set to something; and what is wrong with the names.

    An empty variable counts as one that is not set: compose files and unit files write those. A secret `X` may be given
    as `X_FILE`, the path of a file that holds it.
    """
    given = {name.removeprefix(PREFIX): text for name, text in environ.items() if name.startswith(PREFIX) and text}
    files = {f"{secret}{_FILE}": secret for secret in secrets}
    known = {*names, *files}
    values = {name: text for name, text in given.items() if name in names}
    # What resembles none of them may be an extension's: who has loaded those complains of it.
    problems = [_unknown(name, known) for name in given if name not in known and _nearly(name, known)]
    for name in sorted(files.keys() & given.keys()):
        if files[name] in values:
            problems.append(Problem(PREFIX + name, f"and {PREFIX}{files[name]} are both set; remove one of them."))
            continue
        text, problem = _read(name, given[name])
        values[files[name]] = text
        problems += problem
    return values, problems


def _nearly(name: str, known: Collection[str]) -> bool:
    return bool(get_close_matches(name, known, n=1, cutoff=NEARLY))


def _unknown(name: str, known: Collection[str]) -> Problem:
    return Problem(PREFIX + name, f"is no setting; did you mean {PREFIX}{get_close_matches(name, known, n=1)[0]}?")


def _read(name: str, path: str) -> tuple[str, list[Problem]]:
    try:
        text = Path(path).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        return "", [Problem(PREFIX + name, f"names {path}, which cannot be read ({reason}); make it readable for us.")]
    if not text:
        return "", [Problem(PREFIX + name, f"names {path}, which is empty; write the secret into it.")]
    return text, []
