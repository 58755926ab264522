"""What an address of Valkey may say, and the connection that it asks for."""

import ssl
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from redis.connection import parse_url

from leeward.errors import Invalid
from leeward.wire.valkey.primary import SocketConnection, TcpConnection, TlsConnection

_SCHEMES = {
    "redis": "redis",
    "valkey": "redis",
    "rediss": "rediss",
    "valkeys": "rediss",
    "unix": "unix",
    "redis+unix": "unix",
    "valkey+unix": "unix",
}
_CONNECTIONS = {"redis": TcpConnection, "rediss": TlsConnection, "unix": SocketConnection}
_OPTIONS = frozenset(
    {
        "db",
        "username",
        "password",
        "client_name",
        "protocol",
        "socket_timeout",
        "socket_connect_timeout",
        "health_check_interval",
        "max_connections",
    }
)
_TCP_OPTIONS = frozenset({"socket_keepalive"})
_TLS_OPTIONS = frozenset(
    {
        "ssl_keyfile",
        "ssl_certfile",
        "ssl_cert_reqs",
        "ssl_ca_certs",
        "ssl_ca_path",
        "ssl_check_hostname",
        "ssl_password",
        "ssl_min_version",
        "ssl_ciphers",
    }
)
_CERTIFICATES_ASKED_FOR = frozenset({"none", "optional", "required"})
_TLS_VERSIONS = frozenset({ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3})
_IGNORED = frozenset({"decode_responses", "encoding", "encoding_errors", "retry_on_timeout", "retry_on_error"})
"""What other programs' addresses say about answers and repetition: everything of Leeward reads bytes, and repeats only what is safe."""


class InvalidAddress(Invalid):
    """Raised when an address of Valkey cannot be used. The text never holds the address, which may hold a password."""

    code = "invalid_address"


def connection_options(url: object) -> dict[str, Any]:
    """The arguments of a connection pool, its connection class among them.

    Raises:
        InvalidAddress: with what to write instead.
    """
    if not isinstance(url, str):
        raise InvalidAddress(
            f"the address of Valkey is a text; this one is {type(url).__name__}: write redis://:password@host:6379/0"
            " (where it comes from the environment, is the variable set?)"
        )
    scheme = _SCHEMES.get(url.partition("://")[0].lower())
    if scheme is None:
        raise InvalidAddress(
            "the address of Valkey has another beginning than redis://, rediss:// (TLS) or unix:// (a socket);"
            " write redis://:password@host:6379/0"
        )
    plain = f"{scheme}://{url.partition('://')[2]}"
    _check_shape(plain, scheme)
    try:
        options = parse_url(plain)
    except ValueError as error:
        raise InvalidAddress(f"the address of Valkey cannot be used: {error}") from None
    for name in _IGNORED & options.keys():
        del options[name]
    _check_values(options)
    return {**options, "connection_class": _CONNECTIONS[scheme]}


def _check_shape(url: str, scheme: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
        query = parse_qs(parts.query)
    except ValueError:
        raise InvalidAddress(
            "the address of Valkey cannot be read; percent-encode special characters of a password"
        ) from None
    if scheme == "unix" and not parts.path.strip("/"):
        raise InvalidAddress("the address of Valkey names no socket; write unix:///run/valkey.sock?db=0")
    if scheme != "unix" and not parts.hostname:
        raise InvalidAddress("the address of Valkey names no host; write redis://:password@host:6379/0")
    database = unquote(parts.path).strip("/")
    if scheme != "unix" and database and not (database.isascii() and database.isdigit()):
        raise InvalidAddress("the address of Valkey ends with no database number; write redis://host:6379/0")
    known = _OPTIONS | _IGNORED
    known |= {"redis": _TCP_OPTIONS, "rediss": _TCP_OPTIONS | _TLS_OPTIONS, "unix": frozenset[str]()}[scheme]
    if unknown := sorted(query.keys() - known):
        raise InvalidAddress(
            f"the address of Valkey has the option {unknown[0]!r}, which Leeward does not know for {scheme}://:"
            f" leave it out, or use one of {', '.join(sorted(known - _IGNORED))}"
        )


def _check_values(options: dict[str, Any]) -> None:
    for name in ("socket_timeout", "socket_connect_timeout", "max_connections"):
        if name in options and not 0 < options[name] < float("inf"):
            raise InvalidAddress(f"{name} in the address of Valkey is {options[name]}; write a number above 0")
    for name in ("db", "health_check_interval"):
        if options.get(name, 0) < 0:
            raise InvalidAddress(f"{name} in the address of Valkey is {options[name]}; write 0 or a number above it")
    if options.get("protocol", 3) not in {2, 3}:
        raise InvalidAddress(f"protocol in the address of Valkey is {options['protocol']}; write 2 or 3")
    _check_tls_values(options)
    if not all("!" <= character <= "~" for character in options.get("client_name", "")):
        raise InvalidAddress(
            "client_name in the address of Valkey has a character that Valkey refuses; write ASCII without spaces"
        )


def _check_tls_values(options: dict[str, Any]) -> None:
    """The client would find these at its first connection only, with an error that names no address."""
    if options.get("ssl_cert_reqs", "required") not in _CERTIFICATES_ASKED_FOR:
        raise InvalidAddress("ssl_cert_reqs in the address of Valkey is unknown; write required, optional or none")
    if options.get("ssl_min_version", ssl.TLSVersion.TLSv1_2) not in _TLS_VERSIONS:
        versions = " or ".join(f"{version:d} ({version.name})" for version in sorted(_TLS_VERSIONS))
        raise InvalidAddress(f"ssl_min_version in the address of Valkey is unknown; write {versions}")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ciphers(options.get("ssl_ciphers", "DEFAULT"))
    except (ssl.SSLError, ValueError, UnicodeError):
        raise InvalidAddress(
            "ssl_ciphers in the address of Valkey is not a list of ciphers that OpenSSL knows; leave it out, or write a list"
            " as for `openssl ciphers`"
        ) from None
