"""What a job asks for loses its secrets at any depth, and says which."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from leeward.jobs.secret import REDACTED, SecretText
from leeward.redaction import hidden, hide_credentials


class Account(BaseModel):
    name: str
    phrase: SecretText | None = None


class Order(BaseModel):
    owner: Account
    others: list[Account] = []
    by_name: dict[str, Account] = {}
    combination: SecretText = SecretText("0000")


def test_marked_fields_are_found_in_models_lists_and_dictionaries_of_models() -> None:
    account = {"name": "a", "phrase": "open sesame"}
    value = {"owner": account, "others": [account], "by_name": {"x": account}, "combination": "1234"}

    found = hidden(value, (Order,))

    assert found.removed == {"owner.phrase", "others.0.phrase", "by_name.x.phrase", "combination"}
    assert found.secrets == {"open sesame", "1234"}
    assert found.value["others"] == [{"name": "a", "phrase": REDACTED}]
    assert value["combination"] == "1234"


@pytest.mark.parametrize(
    ("value", "removed"),
    [
        ({"values": {"password": "hunter2hunter2", "reset": {"api_key": "k3y"}}}, {"values.password", "values.reset.api_key"}),
        ({"url": "https://u:p@h/x?token=t&X-Amz-Signature=s"}, {"url userinfo", "url?token", "url?X-Amz-Signature"}),
        ({"links": [{"href": "https://h/?sig=x"}]}, {"links.0.href?sig"}),
        ({"text": "see https://u:p@h and https://h/?token=t"}, {"text userinfo", "text?token"}),
        ({"headers": {"Authorization": "Bearer x", "Cookie": "z"}}, {"headers.Authorization", "headers.Cookie"}),
        ({"clientSecret": "a", "PASSWD": "b", "otp": 123456, "sessionId": "e"}, {"clientSecret", "PASSWD", "otp", "sessionId"}),
        ({"note": "the key is fleet-t0ken"}, {"note"}),
        ({"https://u:p@h": 1}, {" userinfo"}),
        ({"etag": '"x"', "sha256": "ff", "id": "7", "passage": "x", "author": "y", "monkey": "z"}, set()),
        ({"password": None}, set()),
    ],
)  # fmt: skip
def test_what_went_is_named(value: Any, removed: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    hide_credentials(["fleet-t0ken"])

    assert hidden(value).removed == removed


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["https://u:p@h/?token=t", "a?sig=b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "token", "b", "pass"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON)
def test_what_is_left_says_again_where_the_secrets_were(value: Any) -> None:
    once = hidden(value)

    again = hidden(once.value)

    assert again.value == once.value
    assert again.removed == once.removed
    assert again.secrets <= {REDACTED}


@given(JSON, st.lists(st.sampled_from(["a", "b"]) | st.integers(0, 2), max_size=4))
def test_a_secret_is_found_however_deep(inner: Any, path: list[str | int]) -> None:
    value: Any = {"password": "hunter2-hunter2", "rest": inner}
    for step in path:
        value = {step: value} if isinstance(step, str) else [value]

    found = hidden(value)

    assert "hunter2-hunter2" not in repr(found.value)
    assert "hunter2-hunter2" in found.secrets
