"""Keys that every producer makes alike."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward import SyncUser, key
from leeward.errors import Invalid
from leeward.jobs.idempotency_key import LONGEST

INVOICE = {"number": "INV-7", "cents": 250}


def test_a_key_has_the_documented_shape() -> None:
    made = key("invoice.send", "acme-eu", "customer-17", INVOICE)

    assert made == "invoice.send:acme-eu:customer-17:" + made[-32:]
    assert int(made[-32:], 16) >= 0


def test_it_is_the_same_in_every_release() -> None:
    assert key("invoice.send", "acme-eu", None, INVOICE) == "invoice.send:acme-eu::3e64eab360b37f6bd1825543ddabb3a0"


def test_the_order_of_members_does_not_matter_and_every_value_does() -> None:
    reversed_ = dict(reversed(INVOICE.items()))

    assert key("o", "p", "t", INVOICE) == key("o", "p", "t", reversed_)
    assert key("o", "p", "t", INVOICE) != key("o", "p", "t", INVOICE | {"cents": 251})


def test_parts_do_not_run_into_each_other() -> None:
    assert key("a:b", "c", None, None) != key("a", "b:c", None, None)
    assert key("a", "b", None, None) != key("a", "b", "%", None)
    assert key("a%3Ab", "c", None, None) != key("a:b", "c", None, None)


def test_no_value_of_the_payload_can_be_read_from_it() -> None:
    job = SyncUser(user="alice", password="correct horse battery")

    assert "correct" not in key("sync", "jellyfin", None, job)
    assert key("sync", "jellyfin", None, job) == key("sync", "jellyfin", None, job.to_payload())
    assert key("sync", "jellyfin", None, job) != key("sync", "jellyfin", None, SyncUser(user="alice"))


@given(*[st.text(min_size=1, max_size=300)] * 3, st.dictionaries(st.text(), st.integers()))
def test_whatever_its_parts_it_is_a_key(operation: str, provider: str, tenant: str, payload: dict[str, Any]) -> None:
    made = key(operation, provider, tenant, payload)

    assert 0 < len(made) <= LONGEST


@pytest.mark.parametrize(
    ("operation", "provider", "tenant", "payload"),
    [
        ("", "p", None, {}),
        ("o", "", None, {}),
        ("o", "p", "", {}),
        ("o", "p", None, {"x": object()}),
        (1, "p", None, {}),
    ],
)
def test_what_makes_no_key_is_refused(operation: Any, provider: Any, tenant: Any, payload: Any) -> None:
    with pytest.raises(Invalid):
        key(operation, provider, tenant, payload)
