"""The settings of a mail relay, in `[providers.NAME]` or as `LEEWARD_SMTP_HOST` and so on."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    SecretStr,
    model_validator,
)

from providers.setting_values import AbsolutePath, CaFile, Timeout
from providers.smtp.answers.override import Override, read_overrides
from providers.smtp.config import (
    DEFAULT_ATTACHMENT_LIMIT_BYTES,
    DEFAULT_COMMAND_TIMEOUT,
    DEFAULT_CONNECT_TIMEOUT,
    DEFAULT_FINAL_REPLY_TIMEOUT,
    DEFAULT_KEEP_IDLE,
    DEFAULT_MESSAGES_PER_CONNECTION,
    SmtpConfig,
    Tls,
)
from providers.smtp.mail.address import ascii_domain
from providers.smtp.mail.mailbox_identity import EVERY_DOMAIN
from providers.smtp.relays.address import USUAL_PORTS, RelayAddress, read_relays

_HOST_NAME = re.compile(
    r"\[(?:IPv6:)?[0-9A-Fa-f:.]{2,45}\]|(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*"
)


def _mail_address(value: str) -> str:
    address = parseaddr(value)[1]
    local, _, domain = address.partition("@")
    if not (local and domain) or any(ord(character) < ord(" ") for character in value):
        raise ValueError("is not a mail address; write fleet@example.org or Fleet <fleet@example.org>")
    return value


def _host_name(name: str) -> str:
    if not _HOST_NAME.fullmatch(name):
        raise ValueError(
            "is not a host name; write the full name of this machine, such as worker.example.org, or [192.0.2.7]"
        )
    return name


def _domains(value: object) -> object:
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, Iterable):
        return value
    found = filter(None, (str(name).strip() for name in names))
    return frozenset(name if name == EVERY_DOMAIN else ascii_domain(name).lower() for name in found)


def _overrides(value: object) -> object:
    if isinstance(value, list) and all(isinstance(rule, str) for rule in value):
        return read_overrides(";".join(value))
    return read_overrides(value) if isinstance(value, str) else value


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError("is not a folder on this machine; create it, or correct the path")
    return path


def _listed(value: object) -> object:
    return tuple(filter(None, (part.strip() for part in value.split(",")))) if isinstance(value, str) else value


def _urls(urls: tuple[str, ...]) -> tuple[str, ...]:
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
            raise ValueError(f"holds {url!r}, which is not a web address; write https://host/folder")
    return urls


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


class SmtpSettings(BaseModel):
    """Descriptions say what to write."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(title="Where the mail server is", description="the mail server's name")
    sender: Annotated[str, AfterValidator(_mail_address)] = Field(
        title="Whom mail is from", description="the address that mail comes from"
    )
    port: int | None = Field(
        None, ge=1, le=65535, title="Its port; by default the usual one of `tls`", description="a port from 1 to 65535"
    )
    username: str | None = Field(
        None,
        title="The account to log in with; without it there is no login",
        description="the account at the mail server",
    )
    password: SecretStr | None = Field(
        None, title="The password of that account", description="that account's password"
    )
    tls: Annotated[Literal["none", "starttls", "implicit"], BeforeValidator(_lower)] = Field(
        "starttls", title="How the connection is encrypted", description="none, starttls or implicit"
    )
    local_name: Annotated[str, AfterValidator(_host_name)] | None = Field(
        None,
        title="What the fleet calls itself in EHLO",
        description="the name that this machine gives itself at the mail server",
    )
    case_insensitive_domains: Annotated[frozenset[str], BeforeValidator(_domains)] = Field(
        frozenset(),
        title="Where Alice@ and alice@ are one mailbox",
        description="domains whose mailboxes do not differ by case, separated by commas, or * for all",
    )
    relays: SecretStr | None = Field(
        None,
        title="Further relays, which take over in this order where the first does not serve",
        description="relays as smtps://user:password@backup.example.org, separated by commas",
    )
    connect_timeout: Timeout = Field(
        DEFAULT_CONNECT_TIMEOUT,
        title="How long connecting may take, TLS included, and the greeting as long again",
        description="a duration up to 1h",
    )
    command_timeout: Timeout = Field(
        DEFAULT_COMMAND_TIMEOUT,
        title="How long the answer to each command may take",
        description="a duration up to 1h",
    )
    final_reply_timeout: timedelta = Field(
        DEFAULT_FINAL_REPLY_TIMEOUT,
        gt=timedelta(0),
        le=timedelta(hours=1),
        title="How long the server may take to accept a whole mail",
        description="a duration up to 1h",
    )
    """A mail whose acceptance is not confirmed in this time has an unknown outcome, so shorten it only with a reason."""
    messages_per_connection: int = Field(
        DEFAULT_MESSAGES_PER_CONNECTION,
        ge=1,
        le=100_000,
        title="How many mails one connection takes",
        description="a number from 1",
    )
    keep_idle: timedelta = Field(
        DEFAULT_KEEP_IDLE,
        gt=timedelta(0),
        le=timedelta(minutes=5),
        title="How long a connection without mail is kept",
        description="a duration up to 5m",
    )
    templates: Annotated[AbsolutePath, AfterValidator(_folder)] | None = Field(
        None,
        title="A folder of templates of your own, which come before those of the fleet",
        description="the path of a folder",
    )
    attachments: Annotated[AbsolutePath, AfterValidator(_folder)] | None = Field(
        None,
        title="The folder of the files that jobs may attach",
        description="the path of a folder",
    )
    attachment_urls: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_urls)] = Field(
        (),
        title="Where attachments may be fetched from",
        description="web addresses that end in a folder, as https://files.example.org/invoices, separated by commas",
    )
    attachments_allow_private: bool = Field(
        default=False,
        title="Whether attachments may be fetched from private and local addresses",
        description="true or false",
    )
    attachment_limit_bytes: int = Field(
        DEFAULT_ATTACHMENT_LIMIT_BYTES,
        ge=1,
        le=1024**3,
        title="How large all attachments of one mail may be that are files or fetched",
        description="a number of bytes",
    )
    ca_file: CaFile | None = Field(
        None,
        title="Which authorities are trusted besides those of the system",
        description="the path of a file of certificates to trust besides",
    )
    overrides: Annotated[tuple[InstanceOf[Override], ...], BeforeValidator(_overrides)] = Field(
        (),
        title="What replies mean at this server, where that is not the usual",
        description="replies and what they mean, as 550 try tomorrow = quota; 554 busy = transient",
    )

    @model_validator(mode="after")
    def _can_work(self) -> Self:
        self.configs("")
        return self

    def configs(self, name: str) -> tuple[SmtpConfig, ...]:
        """Of all relays, in the order in which they are tried."""
        first = self.config(name)
        others = read_relays("" if self.relays is None else self.relays.get_secret_value())
        return (first, *(_at(first, relay) for relay in others))

    def config(self, name: str) -> SmtpConfig:
        """Of the first relay."""
        sender_name, sender = parseaddr(self.sender)
        return SmtpConfig(
            host=self.host,
            port=self.port or USUAL_PORTS[Tls(self.tls)],
            sender=sender,
            sender_name=sender_name,
            name=name,
            tls=Tls(self.tls),
            username=self.username,
            password=self.password,
            case_insensitive_domains=self.case_insensitive_domains,
            local_name=self.local_name,
            connect_timeout=self.connect_timeout,
            command_timeout=self.command_timeout,
            final_reply_timeout=self.final_reply_timeout,
            messages_per_connection=self.messages_per_connection,
            keep_idle=self.keep_idle,
            overrides=self.overrides,
            ca_file=self.ca_file,
        )


def _at(first: SmtpConfig, relay: RelayAddress) -> SmtpConfig:
    return replace(
        first,
        host=relay.host,
        port=relay.port,
        tls=relay.tls,
        username=relay.username,
        password=relay.password,
    )
