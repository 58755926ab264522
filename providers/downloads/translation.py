"""What each problem of a download means for its job: the one place where problems become provider errors."""

import ssl
from collections.abc import Callable
from functools import singledispatch
from typing import NamedTuple

import httpcore

from leeward.extension.errors import Busy, Misconfigured, Permanent, ProviderError, TargetUnavailable, Transient
from providers.downloads.disk import refusal
from providers.downloads.disk.destination import DestinationRefused
from providers.downloads.disk.part_lock import PartBusy
from providers.downloads.network.status_meaning import meaning
from providers.downloads.problems import (
    AnswerBroken,
    AnswerRefused,
    DiskShort,
    EndUncertain,
    FileDamaged,
    NoRoom,
    ProxyRefused,
    TooLarge,
    TooSlow,
    WrongContent,
    WrongType,
)
from providers.http_client.address_guard import AddressRefused
from providers.http_client.failures import tls_refusal
from providers.http_client.location import LocationRefused
from providers.http_client.sockets import ResolutionFailed

OPERATION = "download"
_WRONG_NAME = 62  # OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH


class _Verdict(NamedTuple):
    kind: type[ProviderError]
    text: str
    unreachable: bool = False
    condition: str = ""


def translated(
    error: Exception, *, provider: str, where: str, is_folder_well: Callable[[], bool] = lambda: False
) -> ProviderError | None:
    """The provider error for whatever a download raises; None for a mistake of ours.

    Args:
        error: what happened.
        provider: whose job it is.
        where: the job's URL as people may see it.
        is_folder_well: whether the download folder as a whole can be written to. Asked where that decides.
    """
    if isinstance(error, OSError):
        kind, words = refusal.meaning(error, "the download folder", is_well=is_folder_well)
        return kind(f"{where}: {words}", provider=provider, operation=OPERATION)
    if isinstance(error, AnswerRefused):
        return meaning(error, f"{where}: {error}", provider=provider, operation=OPERATION)
    verdict = _verdict(error)
    if verdict is None:
        return None
    return verdict.kind(
        f"{where}: {verdict.text}",
        provider=provider,
        operation=OPERATION,
        unreachable=verdict.unreachable,
        condition=verdict.condition,
    )


@singledispatch
def _verdict(error: Exception) -> _Verdict | None:  # noqa: ARG001 # the default of the table below
    return None


@_verdict.register
def _(error: LocationRefused | DestinationRefused | TooLarge) -> _Verdict:
    return _Verdict(Permanent, str(error))


@_verdict.register
def _(error: AddressRefused) -> _Verdict:
    return _Verdict(Permanent, f"{error}: downloads do not go there")


@_verdict.register
def _(error: EndUncertain) -> _Verdict:
    return _Verdict(Permanent, f"{error}: give the job the file's size_bytes or sha256 to check it by")


@_verdict.register
def _(error: WrongContent) -> _Verdict:
    if error.may_be_ours:
        text = f"{error}, after it was continued or replaced at the host: thrown away, to be downloaded afresh"
        return _Verdict(TargetUnavailable, text)
    return _Verdict(Permanent, str(error))


@_verdict.register
def _(error: WrongType) -> _Verdict:
    # A sign-in or a notice may be gone the next time; a type that the job refuses stays.
    return _Verdict(TargetUnavailable if error.is_page else Permanent, str(error))


@_verdict.register
def _(error: FileDamaged) -> _Verdict:
    return _Verdict(TargetUnavailable, f"{error}: damaged on its way, and thrown away")


@_verdict.register
def _(error: PartBusy) -> _Verdict:
    return _Verdict(Busy, f"another worker is writing this destination ({error})")


@_verdict.register
def _(error: AnswerBroken) -> _Verdict:
    return _Verdict(Transient, str(error))


@_verdict.register
def _(error: TooSlow) -> _Verdict:
    return _Verdict(Transient, str(error), condition="TIMEOUT")


@_verdict.register
def _(error: DiskShort) -> _Verdict:
    return _Verdict(Misconfigured, f"the disk is too full: {error}")


@_verdict.register
def _(error: NoRoom) -> _Verdict:
    # One host's announcement must not hold the downloads that do fit.
    return _Verdict(TargetUnavailable, f"there is no room for it now: {error}")


@_verdict.register
def _(error: ProxyRefused) -> _Verdict:
    return _Verdict(Misconfigured, f"{error}: put its user and password into LEEWARD_DOWNLOAD_PROXY")


@_verdict.register
def _(error: httpcore.ProxyError) -> _Verdict:
    # Its text begins with the status of the answer to CONNECT.
    status = str(error)[:3]
    if status.startswith("4"):
        return _Verdict(Permanent, f"the proxy refuses to connect there ({status})")
    return _Verdict(Transient, f"the proxy cannot connect there ({status})", unreachable=True)


@_verdict.register
def _(error: ResolutionFailed) -> _Verdict:
    return _Verdict(Transient, str(error), unreachable=True)


@_verdict.register
def _(error: httpcore.TimeoutException) -> _Verdict:
    what = "no connection" if isinstance(error, httpcore.ConnectTimeout | httpcore.PoolTimeout) else "no bytes"
    return _Verdict(Transient, f"{what} within the time limit", unreachable=True, condition="TIMEOUT")


@_verdict.register
def _(error: httpcore.NetworkError) -> _Verdict:
    refused = tls_refusal(error)
    if isinstance(refused, ssl.SSLCertVerificationError):
        return _certificate(refused)
    if isinstance(error, httpcore.ConnectError) and refused is not None:
        # Caddy sends this alert, for one, while it has no certificate yet.
        kind = TargetUnavailable if "INTERNAL_ERROR" in str(refused) else Permanent
        return _Verdict(kind, f"no TLS connection is possible ({error})")
    return _Verdict(Transient, f"the connection failed ({error})", unreachable=True)


@_verdict.register
def _(error: httpcore.ProtocolError) -> _Verdict:
    # The text of a protocol error may quote fields of the answer, and with them signed links.
    what = "is no HTTP" if isinstance(error, httpcore.LocalProtocolError) else "ended early or is not HTTP"
    return _Verdict(Transient, f"the answer {what}", unreachable=True)


def _certificate(error: ssl.SSLCertVerificationError) -> _Verdict:
    if error.verify_code == _WRONG_NAME:
        return _Verdict(Permanent, f"its certificate is for another host ({error.verify_message})")
    # Expired, not yet valid, unknown authority: of this host. Others can be downloaded from meanwhile.
    advice = "name its authority in LEEWARD_DOWNLOAD_CA_FILE to trust it"
    return _Verdict(TargetUnavailable, f"its certificate is not trusted ({error.verify_message}); {advice}")
