import errno
import ssl
from datetime import timedelta

import httpcore
import pytest

from leeward.extension.errors import (
    Busy,
    Misconfigured,
    Permanent,
    ProviderError,
    RateLimited,
    TargetUnavailable,
    Transient,
)
from providers.downloads.disk.destination import DestinationRefused
from providers.downloads.disk.part_lock import PartBusy
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
from providers.downloads.translation import translated
from providers.http_client.address_guard import AddressRefused
from providers.http_client.location import LocationRefused
from providers.http_client.sockets import NotHttp, ResolutionFailed


def _meaning(error: Exception) -> ProviderError:
    found = translated(error, provider="http", where="http://h/a")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (202, Transient),
        (204, Permanent),
        (304, Permanent),
        (400, Permanent),
        (401, Permanent),
        (403, Permanent),
        (404, Permanent),
        (408, Transient),
        (410, Permanent),
        (421, Transient),
        (425, Transient),
        (429, RateLimited),
        (451, Permanent),
        (500, Transient),
        (502, Transient),
        (503, Transient),
        (504, Transient),
        (599, Transient),
    ],
)
def test_a_status_has_one_meaning(status: int, kind: type[ProviderError]) -> None:
    found = _meaning(AnswerRefused(status))

    assert type(found) is kind
    assert found.status == status
    assert str(found) == f"http://h/a: answered {status}"


def test_403_with_a_wait_is_a_rate_limit() -> None:
    found = _meaning(AnswerRefused(403, retry_after=timedelta(seconds=60)))

    assert type(found) is RateLimited
    assert found.retry_after == timedelta(seconds=60)


def test_the_wait_that_a_host_asks_for_is_passed_on() -> None:
    assert _meaning(AnswerRefused(503, retry_after=timedelta(seconds=5))).retry_after == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("error", "kind", "unreachable"),
    [
        (AddressRefused("h", "10.0.0.1", "private"), Permanent, False),
        (LocationRefused("x"), Permanent, False),
        (DestinationRefused("x"), Permanent, False),
        (EndUncertain("x"), Permanent, False),
        (TooLarge("x"), Permanent, False),
        (WrongContent("x"), Permanent, False),
        (WrongContent("x", may_be_ours=True), TargetUnavailable, False),
        (WrongType("x"), Permanent, False),
        (WrongType("x", is_page=True), TargetUnavailable, False),
        (FileDamaged("x"), TargetUnavailable, False),
        (NoRoom("x"), TargetUnavailable, False),
        (ProxyRefused(407), Misconfigured, False),
        (httpcore.ProxyError("403 Forbidden"), Permanent, False),
        (httpcore.ProxyError("503 Service Unavailable"), Transient, True),
        (NotHttp("x"), Transient, True),
        (ResolutionFailed("x"), Transient, True),
        (PartBusy("x"), Busy, False),
        (AnswerBroken("x"), Transient, False),
        (TooSlow("x"), Transient, False),
        (DiskShort("x"), Misconfigured, False),
        (httpcore.ConnectTimeout("x"), Transient, True),
        (httpcore.ReadTimeout("x"), Transient, True),
        (httpcore.ConnectError("x"), Transient, True),
        (httpcore.ReadError("x"), Transient, True),
        (httpcore.RemoteProtocolError("x"), Transient, True),
        (httpcore.LocalProtocolError("x"), Transient, True),
        (OSError(errno.ENOSPC, "No space left on device"), Misconfigured, False),
        (PermissionError(errno.EACCES, "Permission denied"), Misconfigured, False),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), Misconfigured, False),
        (OSError(errno.EMFILE, "Too many open files"), Transient, False),
    ],
)
def test_a_problem_has_one_meaning(error: Exception, kind: type[ProviderError], unreachable: bool) -> None:
    found = _meaning(error)

    assert type(found) is kind
    assert found.unreachable is unreachable
    assert (found.provider, found.operation, found.status) == ("http", "download", None)


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.ENOENT, errno.EISDIR])
def test_a_path_that_refuses_holds_nobody_else_while_the_folder_itself_is_well(number: int) -> None:
    error = OSError(number, "refused")
    well = translated(error, provider="http", where="http://h/a", is_folder_well=lambda: True)

    assert type(well) is TargetUnavailable
    assert type(_meaning(error)) is Misconfigured


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.EILSEQ, errno.EFBIG])
def test_what_the_file_system_cannot_hold_is_final(number: int) -> None:
    assert type(_meaning(OSError(number, "refused"))) is Permanent


def _handshake(cause: ssl.SSLError) -> httpcore.ConnectError:
    error = httpcore.ConnectError(str(cause))
    error.__context__ = cause  # as httpcore's pool leaves it
    return error


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), Permanent),
        (ssl.SSLError(1, "[SSL: TLSV1_ALERT_INTERNAL_ERROR] tlsv1 alert internal error"), TargetUnavailable),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), Transient),
        (ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed"), Transient),
    ],
)
def test_a_failed_handshake_is_permanent_unless_the_host_hung_up_or_has_no_certificate_yet(
    cause: ssl.SSLError, kind: type[ProviderError]
) -> None:
    assert type(_meaning(_handshake(cause))) is kind


def test_a_protocol_errors_text_is_not_repeated() -> None:
    error = httpcore.RemoteProtocolError("illegal header line: bytearray(b'Location: http://h/?token=secret')")

    assert "secret" not in str(_meaning(error))


def test_a_mistake_of_ours_is_not_translated() -> None:
    assert translated(KeyError("x"), provider="http", where="http://h/a") is None
