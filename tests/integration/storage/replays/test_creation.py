"""A replay's set, as it is fixed when it is made."""

import json

import pytest
from sqlalchemy import Connection

from leeward import SendEmail, SyncUser
from storage.dead_letters.search.filter import Filter
from storage.dead_letters.triage.decisions import review
from storage.replays.creation import AlreadyUnderWay, NothingToReplay, create
from storage.replays.forecast import forecast
from storage.replays.queries import counts, get, items, page
from storage.replays.rules import Rules
from storage.replays.selection import Selection
from storage.replays.state import ItemOutcome, ReplayState
from storage.replays.steps import step
from storage.replays.views import Item, Replay
from tests.integration.storage.rows import events, keep, letter, read
from tests.unit.storage.dead_letters.intake.dead_entries import message_of

MAIL = message_of(SendEmail(to=("ada@example.org",), subject="hello", text="hello"))


def planned(connection: Connection, selection: Selection, origin: str | None = None) -> tuple[Replay, list[Item]]:
    with connection.begin():
        replay = create(connection, selection, Rules(canary=2), who="ada", note="it is back", origin=origin)
        return replay, items(connection, replay.id, limit=999)


def test_its_items_are_the_open_letters_of_its_filter_oldest_first(connection: Connection) -> None:
    ids = keep(connection, *(letter(n) for n in (3, 1, 2)), letter(9, provider="emby"))
    with connection.begin():
        review(connection, ids[0], 1, who="grace")

    replay, found = planned(connection, Selection(filter=Filter(providers=("jellyfin",))))

    assert [item.dead_letter_id for item in found] == [ids[1], ids[2], ids[0]]
    assert [item.position for item in found] == [1, 2, 3]
    assert {item.outcome for item in found} == {ItemOutcome.PENDING}
    assert (replay.state, replay.letters, replay.who, replay.rules.canary) == (ReplayState.PLANNED, 3, "ada", 2)
    assert replay.filter == {"providers": ["jellyfin"]}
    assert {read(connection, id_).version for id_ in ids[1:]} == {1}


def test_what_dies_afterwards_is_not_in_it(connection: Connection) -> None:
    keep(connection, letter(1))
    replay, _ = planned(connection, Selection(filter=Filter()))
    keep(connection, letter(2))

    with connection.begin():
        assert counts(connection, [replay.id])[replay.id][ItemOutcome.PENDING] == 1


def test_what_can_be_told_to_be_refused_is_refused_at_once_with_one_event(connection: Connection) -> None:
    secret = message_of(SyncUser.model_validate({"user": "alice", "password": "correct horse"}))
    ids = keep(connection, letter(1, message=secret), letter(2, message=MAIL), letter(3))

    replay, found = planned(connection, Selection(filter=Filter()))

    assert [item.outcome.value for item in found] == ["refused", "refused", "pending"]
    assert "password" in str(found[0].why)
    assert "email.send is not known to be idempotent" in str(found[1].why)
    assert [event.event for event in events(connection, ids[0])] == ["refused"]
    assert events(connection, ids[1])[0].detail == {"why": found[1].why, "replay": str(replay.id)}
    assert events(connection, ids[2]) == []
    with connection.begin():
        expected = forecast(connection, Selection(filter=Filter()))
    assert expected.refused == {found[0].why: 1, found[1].why: 1}
    assert [group.letters for group in expected.replayed] == [1]


@pytest.mark.parametrize("how", ["named", "unsafe_ok"])
def test_what_is_not_idempotent_is_taken_when_it_is_named_or_somebody_says_why(
    connection: Connection, how: str
) -> None:
    (id_,) = keep(connection, letter(2, message=MAIL))
    selection = Selection(filter=Filter(ids=(id_,) if how == "named" else ()), unsafe_ok=how == "unsafe_ok")

    _, (item,) = planned(connection, selection)

    assert item.outcome is ItemOutcome.PENDING


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"effect": "none", "operation": "rcpt_to"}, ItemOutcome.PENDING),
        ({"effect": "none", "operation": "mail_from"}, ItemOutcome.PENDING),
        ({"effect": "none"}, ItemOutcome.PENDING),
        ({"effect": "open"}, ItemOutcome.REFUSED),
        ({"effect": None}, ItemOutcome.REFUSED),
        ({"effect": ["none"]}, ItemOutcome.REFUSED),
        ({"effect": "none of your business"}, ItemOutcome.REFUSED),
        ({"operation": "rcpt_to"}, ItemOutcome.REFUSED),
    ],
)
def test_a_mail_is_taken_by_a_filter_where_its_letter_says_that_nothing_was_sent(
    said: dict[str, object], outcome: ItemOutcome, connection: Connection
) -> None:
    error = json.dumps({"type": "Permanent", "message": "550 no such user"} | said)
    keep(connection, letter(1, message=MAIL, reason="permanent", error=error))

    _, (item,) = planned(connection, Selection(filter=Filter()))

    assert item.outcome is outcome


def test_an_actor_that_does_not_mark_its_effects_is_not_believed(connection: Connection) -> None:
    error = json.dumps({"type": "Permanent", "message": "no", "effect": "none"})
    keep(connection, letter(1, message=message_of(actor_name="report.nightly"), error=error))

    _, (item,) = planned(connection, Selection(filter=Filter()))

    assert item.outcome is ItemOutcome.REFUSED


def test_an_actor_outside_the_contract_is_not_known_to_be_idempotent(connection: Connection) -> None:
    keep(connection, letter(1, message=message_of(actor_name="report.nightly")))

    _, (item,) = planned(connection, Selection(filter=Filter()))

    assert "report.nightly is not known to be idempotent" in str(item.why)


def test_a_limit_counts_what_can_be_replayed(connection: Connection) -> None:
    secret = message_of(SyncUser.model_validate({"user": "alice", "password": "correct horse"}))
    numbers = ((1, None), (2, secret), (3, None), (4, secret), (5, None))
    keep(connection, *(letter(number, message=message) for number, message in numbers))

    _, found = planned(connection, Selection(filter=Filter(), limit=2))

    assert [item.outcome.value for item in found] == ["pending", "refused", "pending"]


def test_of_nothing_no_replay_is_made(connection: Connection) -> None:
    with pytest.raises(NothingToReplay):
        planned(connection, Selection(filter=Filter()))

    with connection.begin():
        assert page(connection).rows == []


def test_at_most_one_of_an_origin_is_under_way(connection: Connection) -> None:
    keep(connection, letter(1))
    selection = Selection(filter=Filter())
    replay, _ = planned(connection, selection, "self-drain")

    with pytest.raises(AlreadyUnderWay):
        planned(connection, selection, "self-drain")
    planned(connection, selection, "another")
    with connection.begin():
        step(connection, replay.id, ReplayState.CANCELLED)
    again, _ = planned(connection, selection, "self-drain")

    assert again.id != replay.id


def test_the_list_has_pages_and_can_be_of_some_states(connection: Connection) -> None:
    keep(connection, letter(1))
    made = [planned(connection, Selection(filter=Filter()))[0].id for _ in range(3)]
    with connection.begin():
        step(connection, made[1], ReplayState.CANCELLED)
        first = page(connection, limit=2)
        rest = page(connection, limit=2, after=first.after)
        planned_ones = page(connection, states=[ReplayState.PLANNED])

        assert [row.id for row in (*first.rows, *rest.rows)] == made[::-1]
        assert rest.after is None
        assert [row.id for row in planned_ones.rows] == [made[2], made[0]]
        assert get(connection, made[1]).ended_at is not None
