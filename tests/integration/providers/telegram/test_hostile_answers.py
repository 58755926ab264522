"""Whatever answers in place of the Bot API: a class of error, within bounds. A message that may be there is never sent twice."""

import gzip
from datetime import timedelta

import pytest

from leeward import NotifyTelegram
from leeward.extension import Calls
from leeward.extension.errors import Ambiguous, Misconfigured, ProviderError, Transient
from providers.telegram.bot import Bot
from providers.telegram.settings import TelegramSettings
from tests.support.fleets.raw_host import Talk, answering, raw_host

TOKEN = "123456:hostile-token"


def failure(talk: Talk) -> ProviderError:
    with raw_host(talk) as host:
        settings = TelegramSettings.model_validate({"url": host.url, "token": TOKEN})
        # Shorter than the settings allow, for the test.
        limit = timedelta(milliseconds=400)
        bot = Bot(settings.model_copy(update={"timeout": limit, "answer_timeout": limit}), Calls("telegram"))
        with pytest.raises(ProviderError) as failed:
            bot.send(NotifyTelegram(text="hello", chat=7), lambda: None)
        bot.close()
    assert TOKEN not in str(failed.value)
    return failed.value


def said(head: str, body: bytes, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {head}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"", Ambiguous),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", Ambiguous),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Ambiguous),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Misconfigured),
        (said("200 OK", b"[" * 5000 + b"]" * 5000), Misconfigured),
        (said("200 OK", b'{"ok":true,"result":' + b" " * 300_000 + b"1}"), Misconfigured),
        (said("200 OK", gzip.compress(b" " * 50_000_000), "Content-Encoding: gzip"), Misconfigured),
        (said("500 X", b"\xff\xfe" * 200_000), Transient),
    ],
)
def test_every_answer_has_a_class(answer: bytes, kind: type[ProviderError]) -> None:
    assert type(failure(answering(answer))) is kind


def test_an_answer_that_never_ends_leaves_the_outcome_open() -> None:
    with raw_host(lambda connection: host.drip(connection, b"HTTP/1.1 100 Continue\r\n\r\n")) as host:
        settings = TelegramSettings.model_validate({"url": host.url, "token": TOKEN})
        limit = timedelta(milliseconds=300)
        bot = Bot(settings.model_copy(update={"timeout": limit, "answer_timeout": limit}), Calls("telegram"))
        with pytest.raises(Ambiguous):
            bot.send(NotifyTelegram(text="hello", chat=7), lambda: None)
        bot.close()
