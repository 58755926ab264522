"""Jellyfin's calls about accounts, one method each. What they add up to is in `user_directory`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import SecretStr

from leeward.extension.errors import Misconfigured, Transient
from providers.jellyfin.answers import NoSuchUser
from providers.jellyfin.transport import Transport
from providers.jellyfin.user_name import normalized

_OWN_KEEPER = ".DefaultAuthenticationProvider"
_ID = re.compile(r"[0-9a-f]{32}")
_VERSION = re.compile(r"(\d{1,4})\.\d")
_FLAGS = ("IsDisabled", "IsAdministrator")
_HIDES_PASSWORDS = 12
"""From this version on `HasPassword` is always true or absent: the server does not show which accounts have none."""


class NoAccount(ValueError):
    """Raised when what the server calls an account is none."""


@dataclass(frozen=True, slots=True)
class Account:
    """What we read of a UserDto.

    Attributes:
        id: 32 lower-case hex digits, however the server wrote it.
        has_password: as the server says; None when it does not.
        was_used: someone has logged in.
        policy: as it came, every field of it.
    """

    id: str
    name: str
    has_password: bool | None
    was_used: bool
    policy: Mapping[str, Any]

    @classmethod
    def from_dto(cls, dto: Any) -> Self:
        """Nulls are omitted by the server.

        Raises:
            NoAccount: it is no UserDto.
        """
        found = dto if isinstance(dto, dict) else {}
        account_id, name, policy = found.get("Id"), found.get("Name"), found.get("Policy")
        if not (isinstance(account_id, str) and isinstance(name, str) and isinstance(policy, dict)):
            raise NoAccount
        if not all(isinstance(policy.get(flag, False), bool) for flag in _FLAGS):  # "false" would be taken for true
            raise NoAccount
        plain_id = account_id.replace("-", "").lower()
        if not _ID.fullmatch(plain_id):  # it becomes a part of paths
            raise NoAccount
        known = found.get("HasPassword")
        return cls(
            id=plain_id,
            name=name,
            has_password=known if isinstance(known, bool) else None,
            was_used=found.get("LastLoginDate") is not None,
            policy=policy,
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
    """Thread-safe, as its transport is. Every method raises `leeward.extension.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ids: dict[str, str] = {}

    def create(self, name: str, password: SecretStr) -> Account:
        """Raises also `NameTaken`, and `Ambiguous` when the answer was lost."""
        body = {"Name": name, "Password": password.get_secret_value()}
        account = self._read(self._transport.call("create_user", "POST", "/Users/New", json=body, repeatable=False))
        if normalized(account.name) != normalized(name):
            raise self._no_jellyfin("another account than the requested one", "create_user")
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
        limit = self._transport.config.list_limit_bytes
        listed = self._transport.call("list_users", "GET", "/Users", limit_bytes=limit)
        if not isinstance(listed, list):
            raise self._no_jellyfin("something that is not a list of accounts", "list_users")
        accounts = [account for dto in listed if (account := _readable(dto)) is not None]
        if listed and not accounts:
            raise self._no_jellyfin("accounts that lack their id, name or policy", "list_users")
        by_name = {normalized(account.name): account for account in accounts}
        self._ids = {name: account.id for name, account in by_name.items()}
        found = by_name.get(key)
        if found is None and len(accounts) < len(listed):
            # One of those may be the one that is looked for: "there is none" would leave it as it is.
            message = (
                "Jellyfin lists accounts that lack their id, name or policy, and the one in question may be among them"
            )
            raise Transient(message, provider=self._transport.config.name, operation="list_users")
        return found

    def tells_of_passwords(self) -> bool:
        """Whether the server's `HasPassword` says anything. Asks for its version, which needs no key."""
        info = self._transport.call("server_version", "GET", "/System/Info/Public")
        version = _VERSION.match(str(info.get("Version"))) if isinstance(info, dict) else None
        return version is not None and int(version[1]) < _HIDES_PASSWORDS

    def get(self, account_id: str) -> Account:
        """Raises also `NoSuchUser`."""
        account = self._read(self._transport.call("get_user", "GET", f"/Users/{account_id}"))
        if account.id != account_id:  # from a cache in between: another account would get its policy
            raise self._no_jellyfin("another account than the requested one", "get_user")
        return account

    def set_policy(self, account_id: str, policy: Mapping[str, Any]) -> None:
        """Replaces the whole policy: a field that is left out falls back to a default. Raises also `NoSuchUser`."""
        self._transport.call("set_policy", "POST", f"/Users/{account_id}/Policy", json=policy)

    def delete(self, account_id: str) -> None:
        """Raises also `NoSuchUser`."""
        self._transport.call("delete_user", "DELETE", f"/Users/{account_id}")

    def set_password(self, account_id: str, password: SecretStr) -> None:
        """Also revokes the account's other sessions. Raises also `NoSuchUser`."""
        body = {"NewPw": password.get_secret_value()}
        self._transport.call("set_password", "POST", "/Users/Password", json=body, params={"userId": account_id})

    def _read(self, dto: Any) -> Account:
        account = _readable(dto)
        if account is None:
            raise self._no_jellyfin("an account that lacks its id, name or policy", "read_user")
        return account

    def _no_jellyfin(self, answered: str, operation: str) -> Misconfigured:
        message = f"Jellyfin answered with {answered}; the URL leads to something that is not the API"
        return Misconfigured(message, provider=self._transport.config.name, operation=operation)


def _readable(dto: Any) -> Account | None:
    try:
        return Account.from_dto(dto)
    except NoAccount:
        return None
