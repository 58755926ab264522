import pytest

from leeward.errors import Invalid
from leeward.jobs.queue_name import provider_of, queue_name


def test_a_queue_is_named_after_family_and_provider() -> None:
    assert queue_name("sync", "jellyfin") == "sync.jellyfin"
    assert provider_of("sync.jellyfin") == "jellyfin"


def test_a_stock_queue_is_a_provider_of_its_own() -> None:
    assert provider_of("default") == "default"


@pytest.mark.parametrize("part", ["", "Sync", "a.b", "a b", "-a", "_a", "a{b}", "a:b", "a" * 64, "ä"])
def test_a_part_that_is_no_plain_name_is_refused(part: str) -> None:
    with pytest.raises(Invalid, match="not a name"):
        queue_name(part, "jellyfin")
    with pytest.raises(Invalid, match="not a name"):
        queue_name("sync", part)


@pytest.mark.parametrize("queue", ["", "a b", "a:b", "{a}", "a*", ".a", "a" * 128, "a\n"])
def test_a_queue_name_that_could_not_be_part_of_a_key_is_refused(queue: str) -> None:
    with pytest.raises(Invalid, match="not a queue name"):
        provider_of(queue)
