from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Connection, insert, update

from leeward import SendEmail
from leeward.actions import (
    CancelReplay,
    Letters,
    ListDeadLetters,
    ReplayDeadLetters,
    ResumeReplay,
    ShowDeadLetter,
    ShowGroup,
    ShowReplay,
)
from storage.dead_letters.groups.attention import MOST_OF_A_KIND, Attention, Need, attention
from storage.dead_letters.intake.new_letter import DeadLetter
from storage.dead_letters.triage.decisions import discard
from storage.tables import dead_letters, replay_items, replays
from tests.integration.storage.grouped import NOW, failed
from tests.integration.storage.rows import keep

HOUR = timedelta(hours=1)
REPLAY = UUID(int=17)


def needs(connection: Connection, *, healthy: Collection[str] = ()) -> dict[Need, list[Attention]]:
    found: dict[Need, list[Attention]] = {}
    with connection.begin():
        for one in attention(connection, now=NOW, healthy=healthy):
            found.setdefault(one.need, []).append(one)
    return found


def discard_all(connection: Connection, letters: Collection[DeadLetter]) -> None:
    with connection.begin():
        for letter in letters:
            discard(connection, letter.id, 1, who="ada", note="no")


def _replay(
    connection: Connection,
    letters: list[DeadLetter],
    outcomes: tuple[str, ...],
    *,
    state: str,
    cause: str | None = None,
) -> None:
    made = {"id": REPLAY, "state": state, "cause": cause, "who": "ada", "created_at": NOW, "letters": len(letters)}
    items = [
        {"replay_id": REPLAY, "position": n, "dead_letter_id": letter.id, "provider": "jellyfin", "outcome": outcome}
        for n, (letter, outcome) in enumerate(zip(letters, outcomes, strict=True))
    ]
    with connection.begin():
        connection.execute(insert(replays).values(made | {"filter": {}, "rules": {}}))
        connection.execute(insert(replay_items), items)


def test_an_empty_queue_needs_nobody(connection: Connection) -> None:
    assert needs(connection, healthy={"jellyfin"}) == {}


def test_a_new_group_is_told_as_long_as_something_of_it_is_open(connection: Connection) -> None:
    letters = [failed(number, "no disk", ago=HOUR) for number in range(3)]
    keep(connection, *letters)
    (told,) = needs(connection)[Need.NEW_GROUP]

    assert told.letters == 3
    assert told.why == "3 open, 3 of the group died in the last 6 hours: create_user of jellyfin, Transient: no disk"
    assert told.actions == (ShowGroup(letters[0].failure.fingerprint),)

    discard_all(connection, letters)
    assert needs(connection) == {}


def test_a_rising_group_is_told_and_a_steady_one_is_not(connection: Connection) -> None:
    keep(connection, *(failed(n, "rises", ago=100 * HOUR if n == 0 else HOUR) for n in range(20)))
    keep(connection, *(failed(100 + n, "as ever", ago=n * HOUR) for n in range(60)))

    told = needs(connection)

    assert [one.letters for one in told[Need.RISING_GROUP]] == [20]
    assert Need.NEW_GROUP not in told


def test_a_list_stays_short(connection: Connection) -> None:
    keep(
        connection,
        *(failed(n, word) for n, word in enumerate(["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"])),
    )

    assert len(needs(connection)[Need.NEW_GROUP]) == MOST_OF_A_KIND


def test_unknown_outcomes_wait_for_a_person(connection: Connection) -> None:
    letters = [failed(n, reason="unknown_outcome", error_type="UnknownOutcome") for n in range(2)]
    keep(connection, *letters)

    (told,) = needs(connection)[Need.UNKNOWN_OUTCOMES]

    assert told.letters == 2
    assert told.actions == (ListDeadLetters(Letters(reason="unknown_outcome", states=("failed", "reviewing"))),)
    discard_all(connection, letters)
    assert Need.UNKNOWN_OUTCOMES not in needs(connection)


def test_letters_of_an_outage_are_ready_once_their_provider_is_healthy_and_calm(connection: Connection) -> None:
    outage = failed(1, ago=5 * HOUR)
    keep(
        connection,
        outage,
        failed(2, "goes on", ago=timedelta(0)),
        failed(3, "a bug", error_type="KeyError", ago=5 * HOUR),
    )

    assert Need.READY_TO_REPLAY not in needs(connection)
    assert Need.READY_TO_REPLAY not in needs(connection, healthy={"plex"})
    (told,) = needs(connection, healthy={"jellyfin", "plex"})[Need.READY_TO_REPLAY]
    assert told.fingerprint == outage.failure.fingerprint
    assert told.actions == (ReplayDeadLetters(Letters(fingerprint=outage.failure.fingerprint), dry_run=True),)


def test_what_is_ready_is_replayed_as_its_group_proposes(connection: Connection) -> None:
    limited = failed(1, "too many requests", error_type="RateLimited", ago=5 * HOUR)
    job = SendEmail(to=("a@example.org",), subject="s", text="t")
    mail = failed(2, "the relay is away", provider="smtp", job=job, ago=5 * HOUR)
    keep(connection, limited, mail)

    told = needs(connection, healthy={"jellyfin", "smtp"})[Need.READY_TO_REPLAY]

    which = [Letters(fingerprint=letter.failure.fingerprint) for letter in (limited, mail)]
    assert {action for one in told for action in one.actions} == {
        ReplayDeadLetters(which[0], dry_run=True, per_second=1),
        ReplayDeadLetters(which[1], dry_run=True, needs_reason=True),
    }


def test_a_replay_that_goes_on_only_when_somebody_says_so_is_told_while_it_holds_open_letters(
    connection: Connection,
) -> None:
    letters = [failed(n) for n in range(3)]
    keep(connection, *letters)
    _replay(connection, letters, ("dead_again", "pending", "pending"), state="stopped", cause="its canary failed")

    (told,) = needs(connection)[Need.HALTED_REPLAY]

    assert (told.letters, told.why) == (2, "2 of 3 wait in a replay that is stopped: its canary failed")
    assert told.actions == tuple(kind(str(REPLAY)) for kind in (ShowReplay, ResumeReplay, CancelReplay))
    discard_all(connection, letters[1:])
    assert Need.HALTED_REPLAY not in needs(connection)


def test_what_a_replay_refused_is_told_while_it_is_open(connection: Connection) -> None:
    letters = [failed(n) for n in range(3)]
    keep(connection, *letters)
    _replay(connection, letters, ("refused", "refused", "done"), state="finished")
    discard_all(connection, letters[:1])

    (told,) = needs(connection)[Need.REFUSED]

    assert told.letters == 1
    assert told.actions == (ShowReplay(str(REPLAY), outcome="refused"),)


def test_the_oldest_that_nobody_has_looked_at_is_told(connection: Connection) -> None:
    old, older = failed(1, ago=50 * HOUR), failed(2, ago=99 * HOUR)
    keep(connection, old, older, failed(3))
    with connection.begin():
        connection.execute(update(dead_letters).where(dead_letters.c.id == older.id).values(state="reviewing"))

    (told,) = needs(connection)[Need.OLDEST]

    assert told.why == "without a decision for 2 days"
    assert told.actions == (ShowDeadLetter(str(old.id)),)
