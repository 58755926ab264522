"""One SMTP connection at the simulated mail server: aiosmtpd's, with a fault plan asked before every command."""

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Callable, Collection, Mapping
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, LoginPassword, auth_mechanism

from simulators.faults import Effect, FaultPlan, Rule, Stage

_RST_ON_CLOSE = struct.pack("ii", 1, 0)
_ADDRESS = re.compile(r"<([^>]*)>")
_CLOSING = 421
_LARGEST_MESSAGE_BYTES = 60_000_000
_HANG_POLL_SECONDS = 0.02
_DRIP_SECONDS = 0.01
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5")


class MailSession(SMTP):
    """Operations for fault rules: `CONNECT`, `EHLO`, `STARTTLS`, `AUTH`, `NOOP`, `MAIL a@b`, `RCPT a@b`, `DATA`, and
    `ACCEPT a@b` for what follows the final dot. `ACCEPT` alone knows the stages; a 421 also closes the connection.
    """

    def __init__(
        self,
        handler: object,
        faults: FaultPlan,
        *,
        users: Mapping[str, str],
        tls_context: ssl.SSLContext | None,
        idle_seconds: float,
        mechanisms: Collection[str],
        hang_up_after_refusal: bool,
        is_one_too_many: Callable[[], bool],
        on_end: Callable[["MailSession"], None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._faults = faults
        self._users = users
        self._on_end = on_end
        self._hang_up_after_refusal = hang_up_after_refusal
        self._is_one_too_many = is_one_too_many
        super().__init__(
            handler,
            hostname="mail.simulated",
            ident="simulated",
            tls_context=tls_context,
            timeout=idle_seconds,
            data_size_limit=_LARGEST_MESSAGE_BYTES,
            authenticator=self._authenticate_user,
            auth_exclude_mechanism=set(MECHANISMS) - set(mechanisms),
            auth_require_tls=False,  # aiosmtpd does not know that a connection with implicit TLS is one with TLS
            loop=loop,
        )

    def connection_lost(self, error: Exception | None) -> None:
        self._on_end(self)
        super().connection_lost(error)

    async def strike(self, rule: Rule) -> str | None:
        """Does what a rule orders; the reply to give instead, or None. Ends the session when there is nothing to give."""
        if rule.effect is Effect.STATUS:
            return f"{rule.status} {rule.body or 'simulated'}"
        if rule.effect is Effect.DRIP:
            await self._drip(rule)
        if rule.effect is Effect.HANG:
            generation = self._faults.generation
            while self._faults.generation == generation:  # noqa: ASYNC110 # set from another thread
                await asyncio.sleep(_HANG_POLL_SECONDS)
        self.reset_connection()
        raise asyncio.CancelledError

    def reset_connection(self) -> None:
        """Ends the connection with an RST."""
        if self.transport is None:
            return
        try:
            connection: socket.socket | None = self.transport.get_extra_info("socket")
        except AttributeError:  # asyncio closes the TLS layer before it reports that the session is over
            return
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        self._writer.transport.abort()

    async def _handle_client(self) -> None:
        if self._is_one_too_many():
            await self.push("421 4.7.0 mail.simulated Error: too many connections")
            self._writer.close()
        elif not await self._is_struck("CONNECT"):
            await super()._handle_client()
        elif self.transport is not None:
            self.transport.close()

    async def smtp_EHLO(self, hostname: str) -> None:
        if not await self._is_struck("EHLO"):
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._is_struck("STARTTLS"):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if await self._is_struck("AUTH"):
            return
        await super().smtp_AUTH(arg)
        if self._hang_up_after_refusal and self.session is not None and not self.session.authenticated:
            self.reset_connection()

    @auth_mechanism("CRAM-MD5")
    async def auth_CRAM_MD5(self, _server: SMTP, _args: list[str]) -> AuthResult:
        """Knows no password in clear, as a server with hashed ones: refuses every answer to its challenge."""
        answer = await self.challenge_auth("<1896.697170952@mail.simulated>")
        return AuthResult(success=False, handled=answer is MISSING)

    async def smtp_NOOP(self, arg: str) -> None:
        if not await self._is_struck("NOOP"):
            await super().smtp_NOOP(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        if not await self._is_struck(f"MAIL {_address(arg)}"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:
        if not await self._is_struck(f"RCPT {_address(arg)}"):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:
        if not await self._is_struck("DATA"):
            await super().smtp_DATA(arg)

    async def check_auth_needed(self, caller_method: str) -> bool:
        if self._users and (self.session is None or not self.session.authenticated):
            await self.push("530 5.7.0 Authentication required")
            return True
        return False

    async def _drip(self, rule: Rule) -> None:
        """Sends the rule's body, then its last character again and again."""
        generation, text = self._faults.generation, rule.body or "2"
        while self._faults.generation == generation:
            self._writer.write(text[:1].encode())
            await self._writer.drain()
            text = text[1:] or text
            await asyncio.sleep(_DRIP_SECONDS)

    async def _is_struck(self, operation: str) -> bool:
        """Whether a fault answered the command already."""
        fault = self._faults.next(operation)
        await asyncio.sleep(fault.latency_seconds)
        rule = fault.at(Stage.BEFORE)
        reply = None if rule is None else await self.strike(rule)
        if reply is None:
            return False
        await self.push(reply)
        if rule is not None and rule.status == _CLOSING and self.transport is not None:
            self.transport.close()
        return True

    def _authenticate_user(self, *arguments: Any) -> AuthResult:
        sent: LoginPassword = arguments[-1]
        known = self._users.get(sent.login.decode())
        return AuthResult(success=known is not None and known == sent.password.decode(), handled=False)


def _address(argument: str | None) -> str:
    found = _ADDRESS.search(argument or "")
    return found[1] if found is not None else ""
