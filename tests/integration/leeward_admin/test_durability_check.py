"""`leeward check` names what a power cut would cost."""

import pytest
import redis

from leeward_admin.checks.durability import durability
from tests.support.servers import connect_valkey
from workers.embedded import EmbeddedValkey


@pytest.mark.parametrize(
    ("settings", "is_kept", "said"),
    [
        ({"appendonly": "yes", "appendfsync": "always"}, True, "appendfsync always"),
        ({"appendonly": "yes", "appendfsync": "everysec"}, True, "up to the last second"),
        ({"appendonly": "yes", "appendfsync": "no"}, False, "half a minute"),
        ({"appendonly": "no"}, False, "set appendonly yes"),
    ],
)
def test_the_setting_is_named_with_what_it_loses(
    own_valkey: EmbeddedValkey, settings: dict[str, str], is_kept: bool, said: str
) -> None:
    with connect_valkey(own_valkey.url) as client:
        for name, value in settings.items():
            client.config_set(name, value)

        answer = durability(client, client.info())

    assert answer[0] is is_kept
    assert said in answer[1]


def test_a_user_that_may_not_read_the_setting_is_told_so(own_valkey: EmbeddedValkey) -> None:
    with connect_valkey(own_valkey.url) as client:
        client.acl_setuser("checker", enabled=True, nopass=True, keys=["*"], commands=["+@all", "-config"])
        address = client.connection_pool.connection_kwargs

        with redis.Redis(host=address["host"], port=address["port"], username="checker", password="x") as checker:
            is_kept, said = durability(checker, client.info())

    assert is_kept
    assert "may not read it" in said
