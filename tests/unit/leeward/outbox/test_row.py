from leeward import Request, SyncUser
from leeward.outbox.row import SHARDS, insert, parameters, row_for, shard_of
from storage.outbox_rows.shard import Shard


def test_the_shard_of_a_place_is_the_same_in_every_release() -> None:
    assert [shard_of(f"sync.jellyfin:normal:{name}") for name in ("alice", "bob", "carol")] == [14, 15, 10]


def test_rows_of_one_partition_are_in_one_shard_and_partitions_are_spread() -> None:
    rows = [row_for(Request(SyncUser(user=str(n)), partition=f"tenant-{n % 200}")) for n in range(400)]

    assert len({(row.place, row.shard) for row in rows}) == 200
    assert {row.shard for row in rows} == set(range(SHARDS))


def test_a_statement_names_each_column_in_the_way_of_its_driver() -> None:
    row = row_for(Request(SyncUser(user="alice"), idempotency_key="k"))

    assert all(f"%({name})s" in insert("%({})s") for name in parameters([row]))
    assert parameters([row, row])["idempotency_key"] == ["k", "k"]


def test_what_a_transaction_notifies_names_a_shard() -> None:
    assert Shard.of_notification("media-eu 7") == Shard("media-eu", 7)
    assert Shard.of_notification("anything else") is None
    assert Shard.of_notification("") is None
