import hashlib
from pathlib import Path
from typing import Any

from demo.accounting import outside
from demo.accounting.orders import Family


def account(name: str, *, disabled: bool = False) -> dict[str, Any]:
    return {"Name": name, "Policy": {"IsDisabled": disabled}}


def mail(message_id: str, *recipients: str, subject: str = "Tonight") -> dict[str, Any]:
    return {"message_id": message_id, "subject": subject, "recipients": recipients}


def test_an_account_counts_as_often_as_it_was_made() -> None:
    made = {"event": "user_created", "name": "alice"}

    assert outside.users([made], [account("alice")]) == {(Family.SYNC, ("alice", "enabled")): 1}
    assert outside.users([made, made], [account("alice")]) == {(Family.SYNC, ("alice", "enabled")): 2}


def test_an_account_that_does_not_stand_in_its_state_does_not_count() -> None:
    made = {"event": "user_created", "name": "alice"}

    assert not outside.users([made], [])
    assert not outside.users([made], [account("alice", disabled=True)])


def test_disabling_an_account_counts_as_such() -> None:
    events = [{"event": "user_disabled", "name": "alice"}]

    assert outside.users(events, [account("alice", disabled=True)]) == {(Family.SYNC, ("alice", "disabled")): 1}


def test_mails_count_by_subject_and_recipient() -> None:
    seen = outside.mails([mail("<1@x>", "a@x"), mail("<1@x>", "a@x"), mail("<2@x>", "b@x")])

    assert seen == {(Family.EMAIL, ("Tonight", "a@x")): 2, (Family.EMAIL, ("Tonight", "b@x")): 1}


def test_a_message_id_belongs_to_one_mail() -> None:
    assert outside.shared_message_ids([mail("<1@x>", "a@x"), mail("<2@x>", "b@x")]) == []
    assert outside.shared_message_ids([mail("<1@x>", "a@x"), mail("<1@x>", "b@x")]) == ["<1@x> (a@x, b@x)"]
    assert outside.shared_message_ids([mail("", "a@x")]) == ["no Message-ID (a@x)"]


def test_a_file_counts_with_its_checksum_and_a_copy_elsewhere_makes_it_two(tmp_path: Path) -> None:
    (tmp_path / "reels").mkdir()
    (tmp_path / "reels" / "one.bin").write_bytes(b"one")
    sha256 = hashlib.sha256(b"one").hexdigest()

    assert outside.files(tmp_path) == {(Family.DOWNLOAD, ("reels/one.bin", sha256)): 1}

    (tmp_path / "copy.bin").write_bytes(b"one")

    assert outside.files(tmp_path)[Family.DOWNLOAD, ("reels/one.bin", sha256)] == 2


def test_a_file_with_other_content_is_not_the_wanted_one(tmp_path: Path) -> None:
    (tmp_path / "one.bin").write_bytes(b"half of o")

    assert (Family.DOWNLOAD, ("one.bin", hashlib.sha256(b"one").hexdigest())) not in outside.files(tmp_path)
