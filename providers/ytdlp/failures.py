"""What a run of yt-dlp that brought no file means for its job.

Its exit code says next to nothing: 1 for every failure, and 0 also where nothing was downloaded. The meaning is in what it wrote to its
standard error, whose last `ERROR:` counts.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from leeward.extension.errors import (
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from leeward.extension.patience import Patience
from providers.ytdlp.child.__main__ import NOT_INSTALLED
from providers.ytdlp.child.refusals import Refused
from providers.ytdlp.shown import ADDRESS, shown_text

RATE_PAUSE = timedelta(hours=1)
"""Hosts that say how long they refuse say up to an hour; yt-dlp itself reads no `Retry-After`."""
UNTIL_IT_IS_THERE = Patience(timedelta(minutes=10), timedelta(hours=2))
"""For a broadcast that has not begun, or has not ended."""
_BAD_OPTIONS = 2


class _Meaning(NamedTuple):
    kind: type[ProviderError]
    advice: str = ""
    facts: Mapping[str, Any] = {}


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_RATE = _Meaning(RateLimited, "", {"retry_after": RATE_PAUSE})
_NO_ANSWER = _Meaning(Transient, "", {"unreachable": True})
_TIMED_OUT = _Meaning(Transient, "", {"unreachable": True, "condition": "TIMEOUT"})
_REFUSED = {"condition": "REFUSED"}
_PROXY_CREDENTIALS = _Meaning(Misconfigured, "; put its user and password into the setting `proxy`")
_RULES: tuple[tuple[re.Pattern[str], _Meaning], ...] = (
    (_words(rf"{Refused.MARK}|urls are disabled"), _Meaning(Permanent, "", _REFUSED)),
    (_words(r"tunnel connection failed: 407|proxy authentication required"), _PROXY_CREDENTIALS),
    (_words(r"tunnel connection failed: 4\d\d"), _Meaning(Permanent, "; the proxy refuses to connect there", _REFUSED)),
    (_words(r"tunnel connection failed|unable to connect to proxy"), _NO_ANSWER),
    (_words(r"not a (ro)?bot|rate.?limit|too many requests|try again later"), _RATE),
    (
        _words(r"live event will begin|premieres? in|will begin in|not currently live|is offline|not (yet )?started"),
        _Meaning(TargetUnavailable, "", {"patience": UNTIL_IT_IS_THERE}),
    ),
    (
        _words(r"no space left on device|disk quota exceeded|read-only file system"),
        _Meaning(Misconfigured, "; make room on the disk of the media folder"),
    ),
    (
        _words(r"unable to (open for writing|create directory|write data)"),
        _Meaning(Misconfigured, "; give the worker's user the right to write there"),
    ),
    (
        _words(r"ff(mpeg|probe)\b.*(not (installed|found)|could not be found)|(not (installed|found)).*ff(mpeg|probe)"),
        _Meaning(Misconfigured, "; install ffmpeg, or name it in the setting `ffmpeg`"),
    ),
    (
        _words(r"netscape format cookies|cookies? file|cookieloaderror|failed to load cookies"),
        _Meaning(Misconfigured, "; write the file of the setting `cookies_file` again"),
    ),
    (
        _words(r"certificate.?verify.?failed|certificate (has expired|is not valid)|self.?signed certificate"),
        _Meaning(TargetUnavailable, "; name its authority in the setting `ca_file` to trust it"),
    ),
)
"""Before any HTTP status, as texts are more specific; the first that is found counts."""
_LATER_RULES: tuple[tuple[re.Pattern[str], _Meaning], ...] = (
    (
        _words(r"sign in|log.?in|--cookies|--username|registered users|members.only|subscri(be|ption)|purchase|rental"),
        _Meaning(Permanent, "; if an account may see it, name its session in the setting `cookies_file`", _REFUSED),
    ),
    (
        _words(
            r"private video|is private|copyright|\bdrm\b|geo.?restrict|(in|from) your (country|location|region)|"
            r"age.?restricted|has been blocked"
        ),
        _Meaning(Permanent, "", _REFUSED),
    ),
    (
        _words(
            r"(video|content|media|post|track|clip|page) (is |has been )?(currently )?(unavailable|not available)|"
            r"no longer available|does(n.t| not) exist|been (removed|deleted|terminated)"
        ),
        _Meaning(Permanent, "", {"condition": "NOT_FOUND"}),
    ),
    (
        _words(
            r"unsupported url|not a valid url|format is not available|invalid format spec|no video (formats?|could be) found"
        ),
        _Meaning(Permanent),
    ),
    (_words(r"timed? ?out"), _TIMED_OUT),
    (
        _words(
            r"connection (was )?(reset|refused|aborted|closed)|remote end closed|network is unreachable|"
            r"no route to host|name or service not known|name resolution|no address associated|failed to resolve|"
            r"getaddrinfo|nodename nor servname|incompleteread|eof occurred|bad ?status ?line|urlopen error|broken pipe"
        ),
        _NO_ANSWER,
    ),
    (
        _words(r"giving up after|more expected|did not get any data|file is empty|content.?too.?short|fragment"),
        _Meaning(Transient),
    ),
)
_PASSING_STATUS = frozenset({408, 416, 421, 425})
_STATUS = re.compile(r"HTTP Error (\d{3})")
_ITEM = re.compile(r"^\[[^\]]+\] \S+: ")
"""The reader of the page, and the film's id: like addresses they are the page's own words, and may be any."""
_OF_THE_MEDIA = _words(r"video data|fragment|\[download\]")


def failure(code: int, errors: str, where: str) -> ProviderError:
    """The provider error for a run without a file.

    Args:
        code: its exit code; negative: the signal that ended it.
        errors: the end of its standard error.
        where: the job's address as people may see it.
    """
    said = _last_error(errors)
    status = _status(said)
    meaning = _meaning(code, said, status)
    text = f"{where}: {shown_text(said) or _of_code(code)}{meaning.advice}"
    return meaning.kind(text, status=status, **meaning.facts)


def _meaning(code: int, said: str, status: int | None) -> _Meaning:
    if code == NOT_INSTALLED:
        return _Meaning(Misconfigured, "; install it with `pip install 'leeward-fleet[media]'`")
    if code == _BAD_OPTIONS:
        return _Meaning(Misconfigured, "; install a newer yt-dlp")
    if code < 0:
        return _Meaning(Transient)
    words = _ITEM.sub("", ADDRESS.sub("", said))
    return (
        _first(_RULES, words)
        or (None if status is None else _of_status(status, said))
        or _first(_LATER_RULES, words)
        or _Meaning(TargetUnavailable, "; if it happens again, try a newer yt-dlp" if said else "")
    )


def _of_status(status: int, said: str) -> _Meaning:
    if status == 429:  # noqa: PLR2004 # Too Many Requests
        return _RATE
    if status == 407:  # noqa: PLR2004 # Proxy Authentication Required
        return _PROXY_CREDENTIALS
    if status >= 500 or status in _PASSING_STATUS:  # noqa: PLR2004 # what servers say of themselves
        return _Meaning(Transient)
    if status in {401, 403} and _OF_THE_MEDIA.search(said):
        return _Meaning(TargetUnavailable, "; its links may have expired: the next attempt asks for new ones")
    return _Meaning(Permanent)


def _of_code(code: int) -> str:
    if code < 0:
        return f"yt-dlp was ended by the signal {-code}"
    return "yt-dlp ended without a file" if code == 0 else f"yt-dlp ended with the code {code} and no message"


def _first(rules: tuple[tuple[re.Pattern[str], _Meaning], ...], said: str) -> _Meaning | None:
    return next((meaning for pattern, meaning in rules if pattern.search(said)), None)


def _status(said: str) -> int | None:
    found = _STATUS.findall(said)
    return int(found[-1]) if found else None


def _last_error(errors: str) -> str:
    """The last line that begins with `ERROR:`; without one, the last line that says anything, as a traceback's."""
    lines = [line.strip() for line in errors.replace("\r", "").splitlines()]
    marked = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    return (marked or [line for line in lines if line] or [""])[-1]
