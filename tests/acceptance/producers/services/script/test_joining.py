import pytest
from joining import charge, join, join_all

from leeward import BatchState, SendEmail, SyncUser
from leeward.errors import CallConflict
from leeward.extension import Permanent
from leeward.testing import FakeLeeward


def make_account(job: SyncUser) -> None:
    if job.user == "mallory":
        raise Permanent("this name is taken")


def test_the_mail_follows_the_account(fake_leeward: FakeLeeward) -> None:
    assert join(fake_leeward, "alice", "alice@example.org") == join(fake_leeward, "alice", "alice@example.org")
    fake_leeward.assert_not_enqueued(SendEmail)

    fake_leeward.run_all({SyncUser: make_account})

    fake_leeward.assert_enqueued(SendEmail, to=["alice@example.org"])


def test_no_mail_follows_a_failure(fake_leeward: FakeLeeward) -> None:
    join(fake_leeward, "mallory", "mallory@example.org")

    fake_leeward.run_all({SyncUser: make_account})

    fake_leeward.assert_not_enqueued(SendEmail)


def test_one_report_for_all(fake_leeward: FakeLeeward) -> None:
    batch = join_all(fake_leeward, ["alice", "mallory"], "secretary@example.org")
    assert fake_leeward.batch(batch).pending == 2

    fake_leeward.run_all({SyncUser: make_account})

    status = fake_leeward.batch(batch)
    assert (status.state, status.done, status.dead) == (BatchState.ENDED, 1, 1)
    fake_leeward.assert_enqueued(SendEmail, to=["secretary@example.org"])


def test_a_fee_is_charged_once(fake_leeward: FakeLeeward) -> None:
    paid: list[int] = []

    def pay(cents: int) -> str:
        paid.append(cents)
        return f"receipt {len(paid)}"

    assert charge(fake_leeward, "17", 250, pay) == charge(fake_leeward, "17", 250, pay) == "receipt 1"
    with pytest.raises(CallConflict):
        charge(fake_leeward, "17", 300, pay)
