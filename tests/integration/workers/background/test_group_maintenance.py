import redis
from sqlalchemy import Engine, func, select, text, update

from storage.dead_letters.intake.insert import insert_many
from storage.tables import dead_letter_changes, dead_letter_groups, dead_letters
from tests.integration.storage.grouped import failed
from tests.support.waiting import wait_until
from workers.background.drainer import Drainer
from workers.background.group_maintenance import GroupMaintenance

LETTERS = 450


def written_by_an_older_release(engine: Engine) -> None:
    with engine.begin() as connection:
        insert_many(connection, [failed(number) for number in range(LETTERS)])
        connection.execute(update(dead_letters).values(fingerprint=None))
        connection.execute(text("TRUNCATE dead_letter_changes, dead_letter_groups"))


def grouped(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.sum(dead_letter_groups.c.failed))).scalar() or 0


def test_a_drainer_puts_the_letters_of_an_older_release_into_groups_and_folds(
    engine: Engine, valkey: "redis.Redis"
) -> None:
    written_by_an_older_release(engine)
    drainer = Drainer(valkey, engine, lambda: ["jellyfin"])
    drainer.start()
    try:
        wait_until(lambda: grouped(engine) == LETTERS, description="all letters are in their group", timeout=60)
    finally:
        drainer.stop()

    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(dead_letter_changes)).scalar() == 0


def test_what_goes_wrong_holds_up_nobody_and_is_tried_again(engine: Engine) -> None:
    written_by_an_older_release(engine)
    grouping = GroupMaintenance(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE dead_letter_groups RENAME TO hidden"))
    grouping.look()
    grouping.go_on()
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE hidden RENAME TO dead_letter_groups"))

    grouping.look()
    for _ in range(LETTERS // 100):
        grouping.go_on()
    grouping.look()

    assert grouped(engine) == LETTERS
