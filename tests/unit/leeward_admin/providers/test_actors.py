"""Whose jobs wait where, as workers have published it."""

from leeward_admin.providers.actors import actor_of, queue_of, shared_with

ACTORS = {
    "sync.user": frozenset({"sync.jellyfin", "sync.archive"}),
    "sync.invoice": frozenset({"sync.acme"}),
    "probe.acme": frozenset({"probes"}),
    "probe.jellyfin": frozenset({"probes"}),
}


def test_a_queue_of_one_actor_has_its_name_and_another_its_own() -> None:
    assert actor_of("sync.archive", ACTORS) == "sync.user"
    assert actor_of("probes", ACTORS) == "probes"
    assert actor_of("lab", ACTORS) == "lab"


def test_an_actor_has_one_queue_at_a_provider() -> None:
    assert queue_of("sync.user", "archive", ACTORS) == "sync.archive"
    assert queue_of("sync.user", "acme", ACTORS) is None
    assert queue_of("sync.usr", "acme", ACTORS) is None


def test_a_queue_that_others_use_too_names_them() -> None:
    assert shared_with("probe.acme", "probes", ACTORS) == ["probe.jellyfin"]
    assert shared_with("sync.user", "sync.jellyfin", ACTORS) == []
