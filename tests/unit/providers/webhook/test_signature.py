"""Signatures against the published example of Standard Webhooks' reference libraries, and against the rule written out."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.webhook.signature import SecretInvalid, signed, signing_key

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = datetime.fromtimestamp(1614265330, UTC)


def test_the_example_that_the_reference_libraries_test_with() -> None:
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}', [signing_key(SECRET)])

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(key=st.binary(min_size=24, max_size=64), body=st.binary())
def test_a_signature_is_over_id_time_and_body(key: bytes, body: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    expected = hmac.new(key, b"msg_1.1614265330." + body, hashlib.sha256).digest()

    headers = signed("msg_1", AT, body, [signing_key(secret)])

    assert headers["webhook-signature"] == "v1," + base64.b64encode(expected).decode()


def test_while_a_secret_is_replaced_both_sign() -> None:
    old, new = b"o" * 24, b"n" * 24

    both = signed("msg_1", AT, b"{}", [new, old])["webhook-signature"].split(" ")

    assert both == [signed("msg_1", AT, b"{}", [key])["webhook-signature"] for key in (new, old)]


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_not*base64*at*all*but*long*enough",
    ],
)
def test_what_is_no_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SecretInvalid, match="random bytes in base64") as refused:
        signing_key(secret)
    assert len(secret) < 10 or secret[6:] not in str(refused.value)


def test_a_secret_without_its_padding_is_read() -> None:
    padded = "whsec_" + base64.b64encode(b"x" * 25).decode()

    assert signing_key(padded.rstrip("=")) == b"x" * 25
