import base64
import hashlib

import httpx
import pytest

from providers.downloads.network.digest import named_sha256

DIGEST = hashlib.sha256(b"file")
ENCODED = base64.b64encode(DIGEST.digest()).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Repr-Digest", f"sha-256=:{ENCODED}:"),
        ("Repr-Digest", f"sha-512=:AAAA:, sha-256=:{ENCODED}:;x=1 , md5=:AA==:"),
        ("Digest", f"SHA-256={ENCODED}"),
        ("Digest", f"md5=abc,sha-256={ENCODED}"),
    ],
)
def test_the_hosts_own_checksum_is_read(name: str, value: str) -> None:
    assert named_sha256(httpx.Headers({name: value})) == DIGEST.hexdigest()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Repr-Digest", "sha-512=:AAAA:"),
        ("Repr-Digest", f"sha-256={ENCODED}"),
        ("Repr-Digest", "sha-256=:AAAA:"),
        ("Repr-Digest", f"xsha-256=:{ENCODED}:"),
        ("Content-Digest", f"sha-256=:{ENCODED}:"),
        ("Digest", f"sha-256=:{ENCODED}:"),
        ("Digest", "sha-256=" + "!" * 44),
    ],
)
def test_whatever_else_is_there_is_no_checksum(name: str, value: str) -> None:
    assert named_sha256(httpx.Headers({name: value})) is None
