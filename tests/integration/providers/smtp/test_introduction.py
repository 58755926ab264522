"""EHLO and HELO: what a refusal means, also where the server hangs up after it."""

from collections.abc import Callable

import pytest

from leeward.extension.errors import Misconfigured, ProviderError, Transient
from providers.smtp.connections.failures import CROWDED
from providers.smtp.mailer import Mailer
from tests.integration.providers.smtp.scripted import playing, saying
from tests.integration.providers.smtp.sending import failure, send

Connect = Callable[..., Mailer]
GREETING = b"220 relay\r\n"
BLOCKED = b"554 5.7.1 Client host rejected: Access denied\r\n"


@pytest.mark.parametrize(
    ("answers", "kind", "said"),
    [
        ([BLOCKED], Misconfigured, "Client host rejected"),
        ([b"550 Access denied - Invalid HELO name\r\n"], Misconfigured, "Invalid HELO name"),
        ([b"501 Syntactically invalid EHLO argument(s)\r\n"], Misconfigured, "invalid EHLO"),
        ([BLOCKED, b"221 bye\r\n"], Misconfigured, "Client host rejected"),
        ([BLOCKED, b"what\r\n"], Misconfigured, "Client host rejected"),
        ([b"502 not implemented\r\n", b"421 4.3.2 shutting down\r\n"], Transient, "shutting down"),
        ([b"502 not implemented\r\n", BLOCKED], Misconfigured, "Client host rejected"),
        ([b"451 4.3.0 later\r\n"], Transient, "later"),
        ([b"what\r\n"], Misconfigured, "SMTP"),
        ([b""], Transient, "no answer"),
    ],
    ids=repr,
)
def test_a_refusal_is_not_lost_when_the_server_hangs_up(
    answers: list[bytes], kind: type[ProviderError], said: str, connect: Connect
) -> None:
    with playing(saying(GREETING, *answers)) as port:
        found = failure(connect(port=port))

    assert type(found) is kind
    assert said in str(found)


def test_a_relay_without_room_is_left_alone_for_as_long_as_its_answer_to_ehlo_says(connect: Connect) -> None:
    with playing(saying(GREETING, b"421 4.7.0 Too many concurrent connections from your IP\r\n")) as port:
        found = failure(connect(port=port))

    assert (type(found), found.retry_after) == (Transient, CROWDED)


def test_a_server_that_knows_helo_only_takes_mail(connect: Connect) -> None:
    ok = b"250 ok\r\n"
    with playing(saying(GREETING, b"502 not implemented\r\n", ok, ok, ok, b"354 go\r\n")) as port:
        mailer = connect(port=port)
        with pytest.raises(ProviderError, match="receipt is unknown"):
            send(mailer)
