"""What it means that Jellyfin gave no answer, or one that cannot be taken. A table over the errors of our HTTP client."""

import ssl
from collections.abc import Mapping
from typing import Any

import httpcore

from leeward.extension.errors import Ambiguous, Misconfigured, ProviderError, Transient
from providers.http_client.body import BodyTooLarge, BodyUndecodable
from providers.http_client.json_body import NotJson, TooMuchJson
from providers.http_client.sockets import NotHttp

Failure = tuple[type[ProviderError], str, Mapping[str, Any]]

_UNREACHABLE: Mapping[str, Any] = {"unreachable": True}
_TOO_MUCH = (
    "the URL leads to something that is not the API, or the server has very many accounts: then raise "
    "LEEWARD_JELLYFIN_LIST_LIMIT_BYTES"
)
_NEVER_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout)
_OUR_MISTAKE = (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError)
_PROXY_REFUSES = ("401", "403", "405", "407")


def of_no_answer(error: Exception, *, repeatable: bool) -> Failure:
    """The class of a failed request. `repeatable`: whether sending it twice does no harm."""
    if (refused := _tls_failure(error)) is not None and not _is_hang_up(refused):
        return Misconfigured, f"Jellyfin cannot be asked: {_tls_sentence(refused)}", {}
    for kinds, failure in _SURE:
        if isinstance(error, kinds):
            return failure
    said = _said(error)
    if isinstance(error, httpcore.ProxyError):
        return _of_proxy(error)
    if isinstance(error, _OUR_MISTAKE):
        return Misconfigured, f"Jellyfin cannot be asked: {said}", {}
    if isinstance(error, _NEVER_SENT):
        return Transient, f"Jellyfin cannot be reached: {said}", _UNREACHABLE
    return Transient if repeatable else Ambiguous, f"Jellyfin's answer was lost: {said}", _UNREACHABLE


def of_broken_json(status: int, problem: NotJson) -> Failure:
    """The class of a success whose JSON cannot be read: cut off in between, or not Jellyfin's."""
    if isinstance(problem, TooMuchJson):
        return Misconfigured, f"Jellyfin answered {status} with {problem}; {_TOO_MUCH}", {"status": status}
    return Transient, f"Jellyfin answered {status} with {problem}", {"status": status}


_SURE: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Failure], ...] = (
    (
        NotHttp,
        (
            Misconfigured,
            "the answer at Jellyfin's address is not HTTP; check the port and http or https in the URL",
            {},
        ),
    ),
    (httpcore.PoolTimeout, (Transient, "every connection to Jellyfin is in use here", {})),
    (
        BodyTooLarge,
        (
            Misconfigured,
            f"Jellyfin's answer is too large; {_TOO_MUCH}",
            {},
        ),
    ),
    (
        BodyUndecodable,
        (Misconfigured, "Jellyfin's answer is compressed in a way that was not requested, or damaged", {}),
    ),
)


def _of_proxy(error: httpcore.ProxyError) -> Failure:
    # The text begins with the status of its answer to CONNECT.
    if str(error).startswith(_PROXY_REFUSES):
        return Misconfigured, f"the proxy refuses to connect to Jellyfin: {str(error)[:3]}", {}
    return Transient, f"the proxy cannot connect to Jellyfin: {str(error)[:3]}", _UNREACHABLE


def _said(error: Exception) -> str:
    # The text of a protocol error, or of one that we did not expect, may quote the answer.
    quotes = isinstance(error, httpcore.RemoteProtocolError) or not isinstance(
        error, httpcore.NetworkError | httpcore.TimeoutException | httpcore.ProtocolError
    )
    return type(error).__name__ if quotes or not str(error) else f"{type(error).__name__}: {error}"


def _tls_sentence(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}); name its authority in LEEWARD_JELLYFIN_CA_FILE"
        )
    return f"no TLS connection is possible ({error.reason or type(error).__name__}); check http or https in the URL"


def _tls_failure(error: BaseException) -> ssl.SSLError | None:
    # The connection pool cuts `__cause__` when it raises again; `__context__` stays.
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    return seen


def _is_hang_up(error: ssl.SSLError) -> bool:
    return isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | ssl.SSLSyscallError)
