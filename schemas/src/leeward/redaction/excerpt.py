"""The beginning of what a provider said. Secrets are removed before it is cut: half a secret would not be recognised."""

from collections.abc import Callable

from leeward.redaction.text import cleaned

_MOST = 64 * 1024
"""Characters that are looked through."""

_clean: Callable[[str], str] = cleaned


def excerpt(text: str, limit: int) -> str:
    """At most so many characters of a text, without what must not be seen."""
    return _clean(text[:_MOST])[:limit]


def clean_excerpts_with(clean: Callable[[str], str]) -> None:
    """Takes this function in place of `cleaned`: one that knows the secrets of the running job, too."""
    global _clean  # noqa: PLW0603 # one for a process, as its log is one
    _clean = clean
