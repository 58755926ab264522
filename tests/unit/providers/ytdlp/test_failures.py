"""What yt-dlp writes when it fails, as its own sources and its users' reports have it, and what each means."""

from datetime import timedelta

import pytest

from leeward.extension.errors import (
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.ytdlp.child.__main__ import NOT_INSTALLED
from providers.ytdlp.failures import RATE_PAUSE, UNTIL_IT_IS_THERE, failure

CASES: list[tuple[str, type[ProviderError]]] = [
    # rate
    (
        "[generic] x: Unable to download webpage: HTTP Error 429: Too Many Requests (caused by <HTTPError 429>)",
        RateLimited,
    ),
    ("[youtube] x: Sign in to confirm you\u2019re not a bot. Use --cookies-from-browser or --cookies", RateLimited),
    ("[youtube] x: Sign in to confirm you're not a bot.", RateLimited),
    (
        "[youtube] x: Video unavailable. This content isn't available, try again later. rate-limited by YouTube",
        RateLimited,
    ),
    ("unable to download video data: HTTP Error 403: Forbidden. Your IP is rate limited", RateLimited),
    # the host, for now
    ("[generic] x: Unable to download webpage: HTTP Error 500: Internal Server Error", Transient),
    ("unable to download video data: HTTP Error 502: Bad Gateway", Transient),
    ("unable to download video data: HTTP Error 503: Service Unavailable", Transient),
    ("[generic] x: Unable to download webpage: HTTP Error 599: whatever", Transient),
    ("[generic] x: Unable to download webpage: HTTP Error 408: Request Timeout", Transient),
    ("[generic] x: Unable to download webpage: HTTP Error 425: Too Early", Transient),
    ("[download] Got error: 1024 bytes read, 2048 more expected. Giving up after 3 retries", Transient),
    ("[download] Got error: The read operation timed out. Giving up after 3 retries", Transient),
    ("[generic] x: Unable to download webpage: The read operation timed out (caused by TransportError())", Transient),
    ("[generic] x: Unable to download webpage: [Errno 104] Connection reset by peer", Transient),
    ("[generic] x: Unable to download webpage: [Errno 111] Connection refused", Transient),
    ("[generic] x: Unable to download webpage: Remote end closed connection without response", Transient),
    ("[generic] x: Unable to download webpage: [Errno -2] Name or service not known", Transient),
    ("[generic] x: Unable to download webpage: [Errno -3] Temporary failure in name resolution", Transient),
    ("[generic] x: Unable to download webpage: <urlopen error [Errno 101] Network is unreachable>", Transient),
    ("Did not get any data blocks", Transient),
    ("The downloaded file is empty", Transient),
    ("fragment 3 not found, unable to continue", Transient),
    ("Unable to connect to proxy: [Errno 111] Connection refused", Transient),
    ("Tunnel connection failed: 503 Service Unavailable", Transient),
    # links that expire
    ("unable to download video data: HTTP Error 403: Forbidden", TargetUnavailable),
    ("[download] Got error: HTTP Error 401: Unauthorized", TargetUnavailable),
    # broadcasts
    ("[youtube] x: This live event will begin in 3 hours.", TargetUnavailable),
    ("[youtube] x: Premieres in 2 days", TargetUnavailable),
    ("[twitch:stream] x: The channel is not currently live", TargetUnavailable),
    # never
    ("Unsupported URL: http://h/a", Permanent),
    ("[youtube] x: Video unavailable", Permanent),
    ("[youtube] x: Video unavailable. This video has been removed by the uploader", Permanent),
    ("[youtube] x: Private video. Sign in if you've been granted access to this video", Permanent),
    ("[youtube] x: This video is not available in your country", Permanent),
    ("[x] y: This video is not available from your location due to geo restriction", Permanent),
    ("[x] y: This video is DRM protected", Permanent),
    ("[youtube] x: Requested format is not available. Use --list-formats for a list", Permanent),
    ("[x] y: No video formats found!", Permanent),
    ("[youtube] x: Join this channel to get access to members-only content", Permanent),
    ("[x] y: This video is only available for registered users. Use --cookies", Permanent),
    ("[youtube] x: Sign in to confirm your age. This video may be inappropriate", Permanent),
    ("[generic] x: Unable to download webpage: HTTP Error 404: Not Found", Permanent),
    ("[generic] x: Unable to download webpage: HTTP Error 403: Forbidden", Permanent),
    ("[generic] x: Unable to download webpage: HTTP Error 410: Gone", Permanent),
    ("[generic] x: Unable to download webpage: HTTP Error 451: Unavailable For Legal Reasons", Permanent),
    ("unable to download video data: HTTP Error 404: Not Found", Permanent),
    ("[generic] x: Unable to download webpage: leeward refuses to connect to 10.0.0.1 (private)", Permanent),
    ("Tunnel connection failed: 403 Forbidden", Permanent),
    ("file:// URLs are disabled by default in yt-dlp for security reasons. Use --enable-file-urls", Permanent),
    # names of pages that read like reasons
    ("Unsupported URL: https://h/how-rate-limits-work", Permanent),
    (
        "[generic] rate-limits: Unable to download webpage: HTTP Error 404: Not Found (caused by <HTTPError 404>)",
        Permanent,
    ),
    ("[generic] login: Unable to download webpage: The read operation timed out", Transient),
    ("[generic] private-video: Unable to download https://h/drm/subscription: Connection reset by peer", Transient),
    # an operator
    ("You have requested merging of multiple formats but ffmpeg is not installed. Aborting", Misconfigured),
    ("Postprocessing: ffprobe and ffmpeg not found. Please install or provide the path", Misconfigured),
    ("unable to write data: [Errno 28] No space left on device", Misconfigured),
    ("unable to open for writing: [Errno 13] Permission denied: 'media.mp4.part'", Misconfigured),
    ("'/c/cookies.txt' does not look like a Netscape format cookies file", Misconfigured),
    ("Tunnel connection failed: 407 Proxy Authentication Required", Misconfigured),
    # certificates, and readers of pages that do not work any more
    (
        "[generic] x: Unable to download webpage: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
        TargetUnavailable,
    ),
    (
        "[youtube] x: Unable to extract player response; please report this issue on https://github.com/",
        TargetUnavailable,
    ),
]


def _failure(code: int, errors: str) -> ProviderError:
    return failure(code, errors, "https://h/a")


@pytest.mark.parametrize(("said", "kind"), CASES)
def test_a_message_has_one_meaning(said: str, kind: type[ProviderError]) -> None:
    found = _failure(1, f"WARNING: something else\nERROR: {said}\n")

    assert type(found) is kind


@pytest.mark.parametrize(
    ("code", "errors", "kind"),
    [
        (0, "", TargetUnavailable),
        (1, "", TargetUnavailable),
        (2, "Usage: yt-dlp [OPTIONS] URL\n\nyt-dlp: error: no such option: --x\n", Misconfigured),
        (NOT_INSTALLED, "ERROR: yt-dlp cannot be imported: No module named 'yt_dlp'", Misconfigured),
        (100, "", TargetUnavailable),
        (101, "", TargetUnavailable),
        (-9, "", Transient),
        (-15, "", Transient),
        (1, "Traceback (most recent call last):\n  File ...\nKeyError: 'formats'\n", TargetUnavailable),
    ],
)
def test_a_code_has_one_meaning_where_nothing_is_said(code: int, errors: str, kind: type[ProviderError]) -> None:
    assert type(_failure(code, errors)) is kind


def test_the_last_error_counts() -> None:
    found = _failure(1, "ERROR: Unsupported URL: x\nERROR: [generic] x: HTTP Error 503: Service Unavailable\n")

    assert (type(found), found.status) == (Transient, 503)


def test_carriage_returns_are_passed_over() -> None:
    found = _failure(1, "\rERROR: \r[download] Got error: timed out. Giving up after 3 retries\n")

    assert str(found) == "https://h/a: [download] Got error: timed out. Giving up after 3 retries"


def test_a_rate_limit_waits_for_an_hour() -> None:
    assert _failure(1, "ERROR: HTTP Error 429: Too Many Requests").retry_after == RATE_PAUSE == timedelta(hours=1)


def test_a_broadcast_is_waited_for_until_the_deadline() -> None:
    found = _failure(1, "ERROR: [youtube] x: This live event will begin in 3 hours.")

    assert isinstance(found, TargetUnavailable)
    assert found.patience == UNTIL_IT_IS_THERE


def test_no_answer_is_told_apart_from_a_bad_one() -> None:
    assert _failure(1, "ERROR: x: [Errno 111] Connection refused").unreachable
    assert not _failure(1, "ERROR: x: HTTP Error 503: y").unreachable


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("HTTP Error 429: Too Many Requests", "YTDLP_RATE_LIMITED"),
        ("x: The read operation timed out", "YTDLP_TIMEOUT"),
        ("x: HTTP Error 504: Gateway Timeout", "YTDLP_TIMEOUT"),
        ("x: HTTP Error 503: Service Unavailable", "YTDLP_UNAVAILABLE"),
        ("x: [Errno 111] Connection refused", "YTDLP_UNAVAILABLE"),
        ("x: HTTP Error 404: Not Found", "YTDLP_NOT_FOUND"),
        ("x: Video unavailable", "YTDLP_NOT_FOUND"),
        ("x: HTTP Error 403: Forbidden", "YTDLP_REFUSED"),
        ("x: This video is DRM protected", "YTDLP_REFUSED"),
        ("x: leeward refuses to connect to 10.0.0.1 (private)", "YTDLP_REFUSED"),
        ("Unsupported URL: x", "YTDLP_BAD_REQUEST"),
        ("ffmpeg is not installed", "YTDLP_MISCONFIGURED"),
    ],
)
def test_a_failure_has_a_stable_code(said: str, code: str) -> None:
    assert _failure(1, f"ERROR: {said}").attributed("ytdlp", "ytdlp").code == code


def test_queries_and_passwords_of_addresses_are_not_repeated() -> None:
    found = str(_failure(1, "ERROR: Unsupported URL: https://ada:hunter2@h/a?token=secret#secret"))

    assert found == "https://h/a: Unsupported URL: https://h/a"


def test_what_is_said_twice_and_where_to_report_it_is_left_out() -> None:
    found = str(
        _failure(1, "ERROR: [x] y: no data (caused by KeyError('a')); please report this issue on  https://h , filling")
    )

    assert found == "https://h/a: [x] y: no data; if it happens again, try a newer yt-dlp"


def test_a_message_is_one_line_of_bounded_length() -> None:
    found = str(_failure(1, "ERROR: \x1b[31m[x] y: " + "long " * 1000))

    assert len(found) < 700
    assert found.isprintable()
