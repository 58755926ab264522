"""Texts for people lose what opens a door, and nothing else."""

import base64
import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.jobs.secret import REDACTED
from leeward.redaction import add_secret_names, cleaned, cleaned_value, hide_credentials

SECRET = "s3cr3t-of-the-fleet"


@pytest.mark.parametrize(
    "text",
    [
        *("https://user:~~@host/x", "https://~~@host", "redis://:~~@host:1/0", "ftp://a:b@~~@host/"),
        *("https://h/x?token=~~", "https://h/x?a=1&access_token=~~&b=2", "/x?api_key=~~", "https://h/#id_token=~~&a=b"),
        *("https://h/?X-Amz-Signature=~~", "https://h/?X-Amz-Credential=~~%2F2026", "https://h/?x-goog-signature=~~"),
        *("https://h/?sv=2026&sig=~~%3D", "https://h/?Signature=~~&Key-Pair-Id=K", "https://h/?X-Plex-Token=~~", "https://h/?key=~~"),
        *("https://h/?a=1;token=~~", "https://h/?a=1&amp;token=~~", '"https:\\/\\/h/?a=1\\u0026token=~~"'),
        *("to=https%3A%2F%2Fu%3A~~%40h%2F%3Fa%3Db", "to=https%3A%2F%2Fh%2F%3Ftoken%3D~~%26a%3Db"),
        *('{"password": "~~"}', "{'password': '~~'}", '{"a": {"b": [{"reset_token": "~~"}]}}', '{"api_key": ~~}'),
        *('{"note": "bad \'password\': \'~~\'"}', '"{\\"password\\": \\"~~\\"}"', '{"password": "~~', "{'password': '~~\\'~~'"),
        *("SyncUser(user='a', password='~~')", "password=SecretStr('~~')", "pwd=~~", "--api-key=~~", "LEEWARD_SMTP_PASSWORD=~~"),
        *("Authorization: Basic ~~", "authorization: Bearer ~~", "Cookie: a=~~; b=~~", "X-Emby-Token: ~~", "X-Api-Key: ~~"),
        *("Authorization:Bearer ~~", "authorization=Bearer ~~", "Cookie:a=~~", "Api-Key: ~~", "<Token>~~</Token>", "<a:password x='1'>~~"),
        *("('Authorization', 'Bearer ~~')", "[(b'X-Emby-Token', b'~~')]", "password = '~~'", "{password: '~~'}", "password=a'~~'"),
        *('{"tokens": ["~~"]}', "{'credentials': {'user': 'u', 'x': ['~~']}}", "db_pass=~~", "userPass=~~", '{"pass_phrase": "~~"}'),
        *('Authorization: MediaBrowser Client="x", Token="~~"', "input_value={'user': 1, 'secret': '~~'}, input_type=dict"),
    ],
)  # fmt: skip
def test_what_opens_a_door_goes(text: str) -> None:
    safe = cleaned(f"before {text} after".replace("~~", "w0rdw0rd"))

    assert "w0rdw0rd" not in safe
    assert REDACTED in safe
    assert safe.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        *('ETag: W/"5f3a-9c1b2d"', "sha256=9f86d081884c7d659a2feaa0c55ad015", "job 550e8400-e29b-41d4-a716-446655440000"),
        *("https://h/x?etag=%22abc%22&sha256=ff&id=7", "https://h/a@b", "mail to alice@example.org", "http://[::1]:8096/Users/0123456789abcdef"),
        *("the token was refused", "password: must be longer", "the secret of its success", "a key=value pair", "keyboard=us", "passage=3"),
        *("next_page_token=abc", '{"pageToken": "abc"}', "secretary=Anna", "tokenizer: 'x'", "missing: ['password', 'user']", "compass=1"),
        *("550 5.7.1 <a@b>: refused", "GET /Users?userId=1 HTTP/1.1", "traceback: line 3, in send", "author=me", "X-Request-Id: 7"),
    ],
)  # fmt: skip
def test_hashes_etags_ids_and_prose_stay(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    "form",
    [
        str,
        repr,
        json.dumps,
        lambda secret: quote(secret, ""),
        lambda secret: base64.b64encode(f"fleet:{secret}".encode()).decode(),
        lambda secret: base64.b64encode(f"\0me\0{secret}".encode()).decode(),
        lambda secret: base64.urlsafe_b64encode(f"xy{secret}z".encode()).decode(),
        lambda secret: f"{secret}{secret}",
        lambda secret: quote(quote(secret, ""), ""),
        lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
        lambda secret: secret.encode().hex().upper(),
        lambda secret: "".join(one if one.isalnum() else f"\\u{ord(one):04X}" for one in secret),
        lambda secret: json.dumps(json.dumps(secret))[3:-3],
        lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
        html.escape,
        lambda secret: html.escape(html.escape(secret)),
        lambda secret: repr(secret.encode())[2:-1],
        ascii,
        str.upper,
        lambda secret: secret.encode().decode("latin-1"),
        lambda secret: "".join(one if one.isalnum() else f"+{ord(one):02X}" for one in secret),
    ],
)
@pytest.mark.parametrize("secret", [SECRET, "pä ss/wört+\"'\\", "0123456789abcdef0123456789abcdef"])
def test_the_fleets_own_credentials_are_found_as_errors_quote_them(form: object, secret: str) -> None:
    hide_credentials([secret])
    text = form(secret)  # type: ignore[operator]

    safe = cleaned(f"535 refused: {text} (try again)")

    assert secret not in safe
    assert text not in safe
    assert "try again" in safe


def test_a_credential_of_three_characters_hides_nothing() -> None:
    hide_credentials(["abc", ""])

    assert cleaned("abc abcd") == "abc abcd"


def test_names_can_be_added_whatever_their_case_and_separators() -> None:
    text = "{'X-Acme-Ticket': 'one'} https://h/?x_acme_ticket=two iban=three"
    assert cleaned(text) == text.replace("iban=three", "iban=three")

    add_secret_names(["x-acme-ticket", " IBAN ", ""])

    safe = cleaned(text)
    assert [word for word in ("one", "two", "three") if word in safe] == []
    assert cleaned_value({"Iban": "four", "ibans": "five"}) == {"Iban": REDACTED, "ibans": "five"}


def test_a_json_value_loses_secret_members_at_any_depth() -> None:
    value = {
        "a": [{"token": {"inner": "x"}, "n": 1}],
        "b": ("https://u:p@h",),
        "password": None,
        "has_token": True,
        "c": 2.5,
    }

    assert cleaned_value(value) == {
        "a": [{"token": REDACTED, "n": 1}],
        "b": [f"https://{REDACTED}@h"],
        "password": None,
        "has_token": True,
        "c": 2.5,
    }


@given(st.text())
def test_to_clean_twice_is_to_clean_once(text: str) -> None:
    assert cleaned(cleaned(text)) == cleaned(text)


SIZE = 64 * 1024


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "slow",
    [
        "password",
        '"password',
        "password=",
        "'token': '",
        "://",
        "://a@",
        "?a=",
        "%2F%2F",
        "X-Token: ",
        '"',
        "a",
        "\\",
        "?token=a%",
        *(
            "?a%",
            "&%26",
            "%252F%252F",
            "//a:",
            "%2F%2Fa%40",
            "?token=a'",
            "?token=a;b",
            "<token ",
            "<token>",
            "('token', '",
        ),
        *('"token": [', '{"token":{"a":[', "token = '", "token : ", "api key ", "_pass"),
    ],
)
def test_text_that_is_made_to_be_slow_is_not(slow: str) -> None:
    assert cleaned(slow * (SIZE // len(slow)))
