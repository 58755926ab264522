"""Jellyfin's calls about accounts, one method each. What they add up to is in `user_directory`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import SecretStr

from providers.errors import Transient
from providers.jellyfin.answers import NoSuchUser
from providers.jellyfin.transport import Transport
from providers.jellyfin.user_name import normalized

_OWN_KEEPER = ".DefaultAuthenticationProvider"


@dataclass(frozen=True, slots=True)
class Account:
    """What we read of a UserDto.

    Attributes:
        id: 32 lower-case hex digits, however the server wrote it.
        was_used: somebody has logged in.
        policy: as it came, every field of it.
    """

    id: str
    name: str
    has_password: bool
    was_used: bool
    policy: Mapping[str, Any]

    @classmethod
    def from_dto(cls, dto: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or AttributeError when it is no UserDto. Nulls are omitted by the server."""
        return cls(
            id=dto["Id"].replace("-", "").lower(),
            name=dto["Name"],
            has_password=bool(dto.get("HasPassword", True)),
            was_used="LastLoginDate" in dto,
            policy=dict(dto["Policy"]),
        )

    @property
    def is_disabled(self) -> bool:
        return bool(self.policy.get("IsDisabled"))

    @property
    def is_administrator(self) -> bool:
        return bool(self.policy.get("IsAdministrator"))

    @property
    def keeper(self) -> str | None:
        """The plugin that keeps the account's password, as LDAP's; None for the server itself."""
        provider = str(self.policy.get("AuthenticationProviderId") or "")
        return None if not provider or provider.endswith(_OWN_KEEPER) else provider


class Accounts:
    """Thread-safe, as its transport is. Every method raises `providers.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ids: dict[str, str] = {}

    def create(self, name: str, password: SecretStr) -> Account:
        """Raises also `NameTaken`, and `Ambiguous` when the answer was lost."""
        body = {"Name": name, "Password": password.get_secret_value()}
        account = self._read(self._transport.call("create_user", "POST", "/Users/New", json=body, repeatable=False))
        self._ids[normalized(account.name)] = account.id
        return account

    def find(self, name: str) -> Account | None:
        """The account of that name in any case, or None.

        Jellyfin has no search by name, and its list has no pages: the ids that a list gave are kept, and each is checked
        by a read before it is believed.
        """
        key = normalized(name)
        known = self._ids.get(key)
        account = None if known is None else self._if_still_named(known, key)
        return account or self._find_in_list(key)

    def _if_still_named(self, account_id: str, key: str) -> Account | None:
        try:
            account = self.get(account_id)
        except NoSuchUser:
            return None
        return account if normalized(account.name) == key else None

    def _find_in_list(self, key: str) -> Account | None:
        accounts = [self._read(dto) for dto in self._transport.call("list_users", "GET", "/Users") or ()]
        by_name = {normalized(account.name): account for account in accounts}
        self._ids = {name: account.id for name, account in by_name.items()}
        return by_name.get(key)

    def get(self, account_id: str) -> Account:
        """Raises also `NoSuchUser`."""
        return self._read(self._transport.call("get_user", "GET", f"/Users/{account_id}"))

    def set_policy(self, account_id: str, policy: Mapping[str, Any]) -> None:
        """Replaces the whole policy: a field that is left out falls back to a default. Raises also `NoSuchUser`."""
        self._transport.call("set_policy", "POST", f"/Users/{account_id}/Policy", json=policy)

    def set_password(self, account_id: str, password: SecretStr) -> None:
        """Also revokes the account's other sessions. Raises also `NoSuchUser`."""
        body = {"NewPw": password.get_secret_value()}
        self._transport.call("set_password", "POST", "/Users/Password", json=body, params={"userId": account_id})

    def _read(self, dto: Any) -> Account:
        try:
            return Account.from_dto(dto)
        except (KeyError, TypeError, AttributeError) as error:
            raise Transient(
                "Jellyfin answered with an account that lacks its id, name or policy",
                provider=self._transport.config.name,
                operation="read_user",
            ) from error
