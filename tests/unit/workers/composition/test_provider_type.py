"""What the settings know of a type of provider."""

from dataclasses import fields
from typing import get_type_hints

from broker.guards.config import GuardConfig
from leeward.extension import Guards
from providers.downloads.provider import Downloads
from tests.unit.workers.composition.extensions import Vault
from workers.composition.provider_type import GUARDS, RESERVED, ProviderType


def test_the_guards_that_authors_may_recommend_are_guards_of_the_fleet() -> None:
    known = get_type_hints(GuardConfig)

    assert {name: known[name] for name in get_type_hints(Guards)} == get_type_hints(Guards)
    # A later one is written in [providers.NAME.guards]: an author may use its name for a setting already.
    assert {field.name for field in fields(GuardConfig)} - GUARDS <= RESERVED


def test_variables_follow_from_the_instance_and_the_field() -> None:
    vault = ProviderType.of(Vault)

    assert vault.variable_of("vault", "key") == "VAULT_KEY"
    assert vault.variable_of("vault-eu", "key") == "VAULT_EU_KEY"
    assert vault.needed() == {"key"}


def test_variables_that_are_older_than_the_rule_belong_to_the_instance_named_as_its_type() -> None:
    downloads = ProviderType.of(Downloads)

    assert downloads.variable_of("http", "root") == "DOWNLOAD_ROOT"
    assert downloads.variable_of("http", "keep_parts") == "KEEP_PARTS"
    assert downloads.variable_of("mirror", "root") == "MIRROR_ROOT"
