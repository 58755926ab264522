"""What it means that a service gave no answer, or one that cannot be taken. A table over the errors of our HTTP client."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpcore

from leeward.extension.errors import Ambiguous, Misconfigured, ProviderError, Transient
from providers.http_client.body import BodyTooLarge, BodyUndecodable
from providers.http_client.json_body import NotJson, TooMuchJson
from providers.http_client.sockets import NotHttp

Failure = tuple[type[ProviderError], str, Mapping[str, Any]]
"""The class, words for people, and what else the error knows."""


@dataclass(frozen=True, slots=True)
class Service:
    """What people must read in an error of a service.

    Attributes:
        name: what it is called, as `Acme`.
        ca_file: the setting that names further authorities.
        too_large: what to do when an answer is larger than its limit.
        credential: what we sign in with, as `API key`.
    """

    name: str
    ca_file: str = "ca_file"
    too_large: str = "the URL leads to something that is not the API"
    credential: str = "key"


_UNREACHABLE: Mapping[str, Any] = {"unreachable": True}
_TIMED_OUT: Mapping[str, Any] = {"unreachable": True, "condition": "TIMEOUT"}
_NEVER_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout)
_OUR_MISTAKE = (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError)
_PROXY_REFUSES = ("401", "403", "405", "407")
_HANG_UPS = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


def of_no_answer(error: Exception, service: Service, *, repeatable: bool) -> Failure:
    """The class of a failed request. `repeatable`: whether sending it twice does no harm."""
    name = service.name
    if (refused := tls_refusal(error)) is not None:
        return Misconfigured, f"{name} cannot be asked: {_tls_sentence(refused, service)}", {}
    for kinds, (kind, words) in _SURE:
        if isinstance(error, kinds):
            return kind, words.format(name=name, too_large=service.too_large), {}
    said = _said(error)
    if isinstance(error, httpcore.ProxyError):
        return _of_proxy(error, name)
    if isinstance(error, _OUR_MISTAKE):
        return Misconfigured, f"{name} cannot be asked: {said}", {}
    facts = _TIMED_OUT if isinstance(error, httpcore.TimeoutException) else _UNREACHABLE
    if isinstance(error, _NEVER_SENT):
        return Transient, f"{name} cannot be reached: {said}", facts
    lost = f"the answer of {name} was lost: {said}"
    return (Transient, lost, facts) if repeatable else (Ambiguous, lost, _UNREACHABLE)


def of_broken_json(status: int, problem: NotJson, service: Service) -> Failure:
    """The class of a success whose JSON cannot be read: cut off in between, or of another service."""
    said = f"{service.name} answered {status} with {problem}"
    if isinstance(problem, TooMuchJson):
        return Misconfigured, f"{said}; {service.too_large}", {"status": status}
    return Transient, said, {"status": status}


def tls_refusal(error: BaseException) -> ssl.SSLError | None:
    """What TLS itself refused, anywhere behind an error; None when there is no such thing, or the other end only hung up."""
    # The connection pool cuts `__cause__` when it raises again; `__context__` stays.
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, ssl.SSLError):
        seen = seen.__cause__ or seen.__context__
    return None if isinstance(seen, _HANG_UPS) else seen


_SURE: tuple[tuple[type[Exception], tuple[type[ProviderError], str]], ...] = (
    (
        NotHttp,
        (
            Misconfigured,
            "the answer at the address of {name} is not HTTP; check the port and http or https in the URL",
        ),
    ),
    (httpcore.PoolTimeout, (Transient, "every connection to {name} is in use here")),
    (BodyTooLarge, (Misconfigured, "the answer of {name} is too large; {too_large}")),
    (
        BodyUndecodable,
        (Misconfigured, "the answer of {name} is compressed in a way that was not requested, or damaged"),
    ),
)


def _of_proxy(error: httpcore.ProxyError, name: str) -> Failure:
    # The text begins with the status of its answer to CONNECT.
    if str(error).startswith(_PROXY_REFUSES):
        return Misconfigured, f"the proxy refuses to connect to {name}: {str(error)[:3]}", {}
    return Transient, f"the proxy cannot connect to {name}: {str(error)[:3]}", _UNREACHABLE


def _said(error: Exception) -> str:
    # The text of a protocol error, or of one that we did not expect, may quote the answer.
    quotes = isinstance(error, httpcore.RemoteProtocolError) or not isinstance(
        error, httpcore.NetworkError | httpcore.TimeoutException | httpcore.ProtocolError
    )
    return type(error).__name__ if quotes or not str(error) else f"{type(error).__name__}: {error}"


def _tls_sentence(error: ssl.SSLError, service: Service) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message}); name its authority in {service.ca_file}"
    return f"no TLS connection is possible ({error.reason or type(error).__name__}); check http or https in the URL"
