"""Signing in (RFC 4954): which mechanism, and what its answer means."""

import base64
import binascii
import hmac
import smtplib
from collections.abc import Callable, Iterator

from providers.smtp.connections.session import Session

_SIGNED_IN = frozenset({235, 503})  # the second: already
_CHALLENGE = 334
_NO_SUCH_MECHANISM = frozenset({500, 502, 504})

OVER_TLS = ("PLAIN", "LOGIN", "CRAM-MD5")
"""CRAM-MD5 last: it needs the password in clear at the server, and many offer it without having that."""
IN_CLEAR = ("CRAM-MD5", "PLAIN", "LOGIN")
"""On this machine only; `SmtpConfig` allows no password without TLS to any other."""


class CannotSignIn(Exception):
    """Raised when no password was judged: nothing that we speak is offered, or this platform cannot do it. An operator must act."""


def authenticate(session: Session, username: str, password: str) -> None:
    """Signs in with the first mechanism of ours that the server offers. Another is tried only where the server does not know that one
    after all: never after a refused password, since accounts are locked for a few of those.

    Raises:
        CannotSignIn: see there.
        SMTPAuthenticationError: the server refuses; its code says why.
        SMTPServerDisconnected: no answer came.
    """
    offered = frozenset(session.esmtp_features.get("auth", "").upper().split())
    wanted = [name for name in (OVER_TLS if session.is_encrypted else IN_CLEAR) if name in offered]
    if not wanted:
        raise CannotSignIn(
            f"it offers {', '.join(sorted(offered))} to sign in, and none of {', '.join(OVER_TLS)}"
            if offered
            else "it offers no sign-in here; check the port and the TLS setting"
        )
    code, text = 0, b""
    for name in wanted:
        code, text = _run(session, name, username, password)
        if code in _SIGNED_IN:
            return
        if code not in _NO_SUCH_MECHANISM:
            break
    raise smtplib.SMTPAuthenticationError(code, text)


def _run(session: Session, name: str, username: str, password: str) -> tuple[int, bytes]:
    """The server's last answer to one mechanism."""
    first, answers = _MECHANISMS[name](username, password)
    code, text = session.docmd("AUTH", name if first is None else f"{name} {_base64(first)}")
    for answer in answers:
        if code != _CHALLENGE:
            return code, text
        code, text = session.docmd(_base64(answer(text)))
    if code == _CHALLENGE:
        raise CannotSignIn(f"it asks for more than {name} defines")
    return code, text


_Answer = Callable[[bytes], bytes]


def _plain(username: str, password: str) -> tuple[bytes | None, Iterator[_Answer]]:
    return f"\0{username}\0{password}".encode("ascii"), iter(())


def _login(username: str, password: str) -> tuple[bytes | None, Iterator[_Answer]]:
    return None, iter((lambda _: username.encode("ascii"), lambda _: password.encode("ascii")))


def _cram_md5(username: str, password: str) -> tuple[bytes | None, Iterator[_Answer]]:
    def answer(challenge: bytes) -> bytes:
        try:
            sent = base64.b64decode(challenge, validate=True)
        except binascii.Error as error:
            raise CannotSignIn("its CRAM-MD5 challenge is not base64") from error
        try:
            digest = hmac.new(password.encode("ascii"), sent, "md5").hexdigest()
        except ValueError as error:  # a platform in FIPS mode
            raise CannotSignIn(
                "it wants CRAM-MD5, and this platform refuses MD5; use TLS and a relay with PLAIN"
            ) from error
        return f"{username} {digest}".encode("ascii")

    return None, iter((answer,))


_MECHANISMS: dict[str, Callable[[str, str], tuple[bytes | None, Iterator[_Answer]]]] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "CRAM-MD5": _cram_md5,
}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
