from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest

from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.mailer import Mailer
from tests.support.real_servers.mail import MailServer, mail_server

_REFUSED = "{{ {{ x-full@example.org = 452 4.2.2 Mailbox full }} {{ x-gone@example.org = 550 5.1.1 User unknown }} }}"
SERVICES = {
    "open": [],
    "sign_in": [
        "smtpd_tls_security_level=encrypt",
        "smtpd_sasl_auth_enable=yes",
        "smtpd_client_restrictions=permit_sasl_authenticated,reject",
        "smtpd_sasl_path={dovecot}",
    ],
    "greylist": ["smtpd_recipient_restrictions=check_policy_service,inet:127.0.0.1:{postgrey}"],
    "refusing": [f"smtpd_recipient_restrictions=check_recipient_access,inline:{_REFUSED}"],
    "two_sessions": ["smtpd_client_connection_count_limit=2"],
    "small": ["message_size_limit=5000"],
    "full": ["queue_minfree=900000000000000"],
    "postscreen": ["postscreen"],
}


@pytest.fixture(scope="package")
def server() -> Iterator[MailServer]:
    """One Postfix for all of these tests."""
    with mail_server(SERVICES) as found:
        yield found


@pytest.fixture
def connect(server: MailServer) -> Iterator[Callable[..., Mailer]]:
    """Makes mailers of one of its services; options change their configuration."""
    with ExitStack() as stack:

        def make(service: str, **options: Any) -> Mailer:
            usual: dict[str, Any] = {
                "host": "localhost",
                "port": server.ports[service],
                "tls": Tls.NONE,
                "sender": "fleet@example.org",
                "local_name": "worker.example.org",
                "command_timeout": timedelta(seconds=30),
                "final_reply_timeout": timedelta(seconds=60),
            }
            mailer = Mailer(SmtpConfig(**usual | options))
            stack.callback(mailer.close_this_thread)
            return mailer

        yield make
