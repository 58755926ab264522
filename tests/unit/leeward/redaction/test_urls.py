"""URLs lose what opens a door however they are written or nested, and as much of it as there is."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.jobs.secret import REDACTED
from leeward.redaction import cleaned, hidden

WORD = "w0rdw0rd"


@pytest.mark.parametrize(
    "text",
    [
        *("https://u:pa'~~@h/x", "https://~~'x@h/", "https:\\/\\/u:~~@h\\/x", "//u:~~@h/x", "HTTPS://U:~~@H", "https://u:~~@[::1]/"),
        *("https://h/?%74oken=~~", "https://h/?api%5Fkey=~~", "https://h/?auth%5Btoken%5D=~~", "https://h/?X%2DAmz%2DSignature=~~"),
        *("https://h/?token=a'~~", "https://h/?token=a;~~", "https://h/?token=a%26~~", "https://h/?sig=ab\\/~~", "https://h/x?a=b?token=~~"),
        *("https://h/?a=%3Ftoken%3D~~", "https://h/?a=1&#38;token=~~", "https://h/?a=1\\x26token=~~", "https://h/?token%20=~~"),
        *("https://h/?oauth_signature=~~", "https://h/?q-signature=~~", "https://h/?x-oss-signature=~~", "https://h/?temp_url_sig=~~"),
        *("https://h/?subscription-key=~~", "https://h/?license_key=~~", "https://h/?passkey=~~", "https://h/?auth_key=~~", "https://h/?sign=~~"),
        *("https://h/?sas=~~", "https://h/?hdntl=~~", "https://h/?torrent_pass=~~", "https://h/?user_pwd=~~"),
        "https://h/?" + "a" * 70 + "token=~~",
    ],
)  # fmt: skip
def test_what_opens_a_door_goes_to_its_end(text: str) -> None:
    safe = cleaned(text.replace("~~", WORD))

    assert WORD not in safe
    assert REDACTED in safe


@pytest.mark.parametrize(
    "text",
    [
        *("https://h/?page_token=abc", "https://h/?nextPageToken=abc", "https://h/?continuation-token=abc", "https://h/?$skiptoken=abc"),
        *("https://h/?sort_key=name", "https://h/?design=blue", "https://h/?sha256=ff&etag=%22a%22", "http://h//alice@example.org/x"),
        *("{'url':'https://h','mail':'bob@example.org'}", '{"url":"https://h","mail":"bob@example.org"}', "<a href='https://h'>bob@x</a>"),
    ],
)  # fmt: skip
def test_what_opens_none_stays(text: str) -> None:
    assert cleaned(text) == text


NAMES = st.sampled_from(["token", "X-Amz-Signature", "sig", "api_key", "Key-Pair-Id"])
VALUES = st.text("abcXYZ019-_.~!*'();:@/+$,", min_size=4, max_size=20).map(lambda text: f"{text}{WORD}")


@given(NAMES, VALUES, st.integers(0, 4))
def test_a_nested_url_loses_its_secrets_however_often_it_is_escaped(name: str, value: str, depth: int) -> None:
    url = f"https://user:{quote(value, '')}@h/x?a=1&{name}={quote(value, '')}&b=2"
    for _ in range(depth):
        url = f"https://h/?to={quote(url, '')}&c=3"

    safe = cleaned(url)

    assert WORD not in safe
    for _ in range(depth):
        safe = unquote(safe)
    assert safe.count(REDACTED) == 2
    assert "&b=2" in safe


def test_where_a_secret_was_is_told_without_the_secret_of_a_name() -> None:
    found = hidden({f"https://u:{WORD}@h": {"password": "x" * 8}})

    assert WORD not in repr((found.removed, found.value))
    assert found.removed == {" userinfo", f"https://{REDACTED}@h.password"}
