"""One Jellyfin server's accounts, brought into a desired state."""

import secrets
from http import HTTPStatus
from typing import Any, Self

from pydantic import SecretStr

from leeward.extension import Health
from leeward.extension.errors import Ambiguous, Permanent, TargetUnavailable, Transient
from leeward.jobs.sync.user import UserState
from leeward.redaction import hide_credentials
from providers.jellyfin import user_name
from providers.jellyfin.accounts import Account, Accounts
from providers.jellyfin.answers import NameTaken, NoSuchUser
from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.health import check_health
from providers.jellyfin.transport import Transport

_RANDOM_PASSWORD_BYTES = 24
_LONGEST_PASSWORD = 4096
"""A request that is too large is refused as if the address were wrong, which would hold the accounts of others."""


class UserDirectory:
    """Creates, enables and disables accounts. Safe to use from any number of threads; close it when done."""

    def __init__(self, config: JellyfinConfig) -> None:
        hide_credentials([config.token.get_secret_value()])
        self._name = config.name
        self._transport = Transport(config)
        self._accounts = Accounts(self._transport)

    def ensure_user(self, name: str, state: UserState, password: SecretStr | None = None) -> dict[str, Any]:
        """Brings one account into the desired state. Doing it twice is doing it once.

        A missing account is created for ENABLED and left missing for DISABLED. An account that exists under the name, in
        any case, is adopted. A crash between any two requests, also inside the server, is repaired by running again.

        Returns:
            `user`, `user_id` (None: there is none), `state`, and `changes`: what was done, of `created`, `enabled`,
            `disabled`, `password`. Never a secret.

        Raises:
            ProviderError: of the class that says what to do about it.
        """
        self._check(name, password)
        account, created = self._account(name, state)
        if account is None:
            return {"user": name, "user_id": None, "state": state.value, "changes": []}
        self._refuse_to_take_over(account, password)
        changes = ["created"] if created else []
        try:
            # Least privilege: an account has its policy before anybody is given its password.
            changes += self._bring_policy(account, state)
            changes += self._bring_password(account, password, created=created)
        except NoSuchUser as error:
            raise self._error(
                Transient, f"the account {name!r} was deleted in the meantime; the next attempt creates it again"
            ) from error
        return {"user": account.name, "user_id": account.id, "state": state.value, "changes": changes}

    def health(self) -> Health:
        """Asks the server how it is: no answer is an answer too."""
        return check_health(self._transport)

    def close(self) -> None:
        """Ends its connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check(self, name: str, password: SecretStr | None) -> None:
        if not user_name.is_valid(name):
            rule = "letters, digits, spaces inside and - ' . _ @ +"
            raise self._error(Permanent, f"{name!r} is no user name for Jellyfin: use {rule}")
        if password is not None and not _is_text(password.get_secret_value()):
            raise self._error(Permanent, f"the password for {name!r} is not valid text")
        if password is not None and len(password.get_secret_value()) > _LONGEST_PASSWORD:
            raise self._error(Permanent, f"the password for {name!r} is longer than {_LONGEST_PASSWORD} characters")
        if password is not None and not password.get_secret_value():
            raise self._error(
                Permanent, f"the password for {name!r} is empty, which would let anyone sign in: leave it out"
            )

    def _account(self, name: str, state: UserState) -> tuple[Account | None, bool]:
        """The account, and whether it was created just now."""
        if state is UserState.DISABLED:
            return self._accounts.find(name), False
        try:
            # Never without a password, not even for a moment: without one anybody could log in.
            return self._accounts.create(name, _random_password()), True
        except NameTaken as taken:
            account = self._accounts.find(name)
            if account is None:
                raise self._error(
                    Permanent, f"Jellyfin refuses to create {name!r}, although no account has that name"
                ) from taken
            return account, False
        except Ambiguous as lost:
            account = self._accounts.find(name)
            if account is None:
                message = f"the answer to creating {name!r} was lost and there is no such account yet"
                raise self._error(Transient, message, unreachable=True) from lost
            return account, False  # perhaps ours; it is treated like any that stands

    def _refuse_to_take_over(self, account: Account, password: SecretStr | None) -> None:
        # Producers may pass on names that strangers choose: a person who signs up as `admin` must not get that account.
        if account.is_administrator and password is not None:
            raise self._error(Permanent, f"{account.name!r} is an administrator: its password is not ours to set")

    def _bring_policy(self, account: Account, state: UserState) -> list[str]:
        # Read again and post back every field that came: the server replaces the policy, and what is left out falls back to
        # defaults. Not even that keeps all: reads never show EnableLyricManagement, so each post clears it. A policy that
        # is right already is therefore not posted.
        fresh = self._accounts.get(account.id)
        disable = state is UserState.DISABLED
        if fresh.is_disabled == disable:
            return []
        self._accounts.set_policy(fresh.id, {**fresh.policy, "IsDisabled": disable})
        return [state.value]

    def _bring_password(self, account: Account, password: SecretStr | None, *, created: bool) -> list[str]:
        # Jellyfin commits an account before its password. One without, that was never used, is such a half-made one.
        if password is None and not created and not account.was_used and not self._has_password(account):
            password = _random_password()
        if password is None:
            return []
        try:
            self._accounts.set_password(account.id, password)
        except Transient as error:
            # LDAP's plugin, for one, ends in 500 where it may not or cannot change a password: others' accounts bear the same request.
            if account.keeper is None or error.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            raise self._kept_elsewhere(account, error) from error
        return ["password"]

    def _has_password(self, account: Account) -> bool:
        """Whether it can be known that it has one. Of what a plugin or an administrator keeps, it is taken for granted."""
        if account.has_password is False:
            return False
        if account.keeper is not None or account.is_administrator:
            return True
        return account.has_password is True and self._accounts.tells_of_passwords()

    def _kept_elsewhere(self, account: Account, error: Transient) -> TargetUnavailable:
        keeper = f"the password of {account.name!r} is kept by {account.keeper} and was not changed"
        message = f"{keeper}; change it there, or leave it out ({error})"
        return TargetUnavailable(message, provider=self._name, operation=error.operation, status=error.status)

    def _error(
        self, kind: type[Permanent] | type[Transient], message: str, *, unreachable: bool = False
    ) -> Permanent | Transient:
        return kind(message, provider=self._name, operation="ensure_user", unreachable=unreachable)


def _random_password() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(_RANDOM_PASSWORD_BYTES))


def _is_text(value: str) -> bool:
    """Whether it can be written: a lone surrogate cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
