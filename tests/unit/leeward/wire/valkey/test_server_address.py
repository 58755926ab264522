"""Every address of Valkey either works or is refused in one sentence, before anything is asked of the server."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from leeward import Leeward
from leeward.wire.valkey.connection import connect
from leeward.wire.valkey.primary import SocketConnection, TcpConnection, TlsConnection
from leeward.wire.valkey.server_address import InvalidAddress, connection_options

PASSWORD = "hunter-seventeen"

ACCEPTED = [
    ("redis://host", TcpConnection, {"host": "host"}),
    ("redis://host:7000/3", TcpConnection, {"host": "host", "port": 7000, "db": 3}),
    ("redis://host?db=4", TcpConnection, {"db": 4}),
    ("redis://host/1?db=4", TcpConnection, {"db": 4}),
    ("valkey://user:p%40ss@host/0", TcpConnection, {"username": "user", "password": "p@ss"}),
    ("rediss://host?ssl_ca_certs=/etc/ca.pem", TlsConnection, {"ssl_ca_certs": "/etc/ca.pem"}),
    ("rediss://host?ssl_cert_reqs=none", TlsConnection, {"ssl_cert_reqs": "none"}),
    ("rediss://host?ssl_cert_reqs=optional", TlsConnection, {"ssl_cert_reqs": "optional"}),
    ("rediss://host?ssl_min_version=772", TlsConnection, {"ssl_min_version": 772}),
    ("rediss://host?ssl_ciphers=ECDHE%2BAESGCM", TlsConnection, {"ssl_ciphers": "ECDHE+AESGCM"}),
    ("valkeys://host", TlsConnection, {"host": "host"}),
    ("unix:///run/valkey.sock", SocketConnection, {"path": "/run/valkey.sock"}),
    ("unix:///run/valkey.sock?db=2", SocketConnection, {"path": "/run/valkey.sock", "db": 2}),
    ("unix://user:pw@/run/valkey.sock", SocketConnection, {"username": "user", "password": "pw"}),
    ("redis+unix:///run/my%20valkey.sock", SocketConnection, {"path": "/run/my valkey.sock"}),
    ("redis://host?socket_timeout=0.5&client_name=me", TcpConnection, {"socket_timeout": 0.5, "client_name": "me"}),
    ("redis://host?protocol=2", TcpConnection, {"protocol": 2}),
    ("redis://[::1]:6379/0", TcpConnection, {"host": "::1"}),
]

REFUSED = [
    "",
    "host:6379",
    "http://host",
    "redis+sentinel://host/mymaster",
    "redis:///0",
    "redis://:17?secret=x@host",
    "redis://host:port",
    "redis://host:99999",
    "redis://host/first",
    "redis://host/-1",
    "redis://host?db=first",
    "redis://host?db=-1",
    "redis://host?protocol=4",
    "redis://host?protocol=x",
    "redis://host?socket_timeout=0",
    "redis://host?socket_timeout=-1",
    "redis://host?socket_timeout=nan",
    "redis://host?max_connections=0",
    "redis://host?unknown=1",
    "redis://host?ssl_ca_certs=/etc/ca.pem",
    "redis://host?connection_class=x",
    "redis://host?retry=3",
    "rediss://host?ssl_cert_reqs=0",
    "rediss://host?ssl_cert_reqs=CERT_NONE",
    "rediss://host?ssl_min_version=12",
    "rediss://host?ssl_min_version=-2",
    "rediss://host?ssl_min_version=TLSv1_2",
    "rediss://host?ssl_ciphers=none+of+them",
    "rediss://host?ssl_ciphers=%00",
    "rediss://host?ssl_ciphers=%E2%98%83",
    "redis://host?client_name=two+words",
    "redis://host?client_name=%0A",
    "unix://",
    "unix://?db=0",
    "unix:///run/valkey.sock?socket_keepalive=1",
    "unix:///run/valkey.sock?host=elsewhere",
]


@pytest.mark.parametrize(("url", "kind", "expected"), ACCEPTED, ids=[url for url, *_ in ACCEPTED])
def test_an_address_says_how_to_connect(url: str, kind: type, expected: dict[str, object]) -> None:
    options = connection_options(url)

    assert options["connection_class"] is kind
    assert expected.items() <= options.items()
    # The pool makes its connections late: what they cannot take would fail at the first command.
    assert isinstance(connect(url).connection_pool.make_connection(), kind)


@pytest.mark.parametrize("url", REFUSED)
def test_what_cannot_be_used_is_refused_before_anything_is_asked(url: str) -> None:
    with pytest.raises(InvalidAddress, match="address of Valkey"):
        Leeward(url)


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "false"])
@pytest.mark.parametrize("scheme", ["redis://host", "rediss://host", "unix:///run/valkey.sock"])
def test_answers_are_bytes_whatever_the_address_says(scheme: str, text: str) -> None:
    url = f"{scheme}?decode_responses={text}&encoding=latin-1&encoding_errors=ignore&retry_on_timeout={text}"

    connection: Any = connect(url).connection_pool.make_connection()

    assert connection.encoder.decode_responses is False
    assert connection.encoder.encoding == "utf-8"
    assert connection.retry.get_retries() == 0


names = st.one_of(
    st.sampled_from(["db", "protocol", "socket_timeout", "max_connections", "decode_responses", "timeout", "cache"]),
    st.sampled_from(["client_name", "ssl_cert_reqs", "ssl_min_version", "ssl_ciphers", "ssl_check_hostname"]),
    st.from_regex(r"[a-z_]{1,20}", fullmatch=True),
)


@given(
    scheme=st.sampled_from(["redis://host", "rediss://host", "unix:///run/valkey.sock", "valkey://host:1/2"]),
    query=st.dictionaries(names, st.text(max_size=8), max_size=3),
)
def test_any_query_gives_a_connection_or_one_sentence(scheme: str, query: dict[str, str]) -> None:
    head, slashes, rest = scheme.partition("://")
    account = f":{quote(PASSWORD)}@"
    problem = ""
    try:
        connection = connect(f"{head}{slashes}{account}{rest}?{urlencode(query)}").connection_pool.make_connection()
    except InvalidAddress as refused:
        problem = str(refused)
    if problem:
        assert PASSWORD not in problem
        assert "\n" not in problem
        return
    assert isinstance(connection, redis.connection.AbstractConnection)
    assert connection.encoder.decode_responses is False
