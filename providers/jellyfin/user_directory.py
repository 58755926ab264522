"""One Jellyfin server's accounts, brought into a desired state."""

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

from pydantic import SecretStr

from leeward.extension import Calls, Health
from leeward.extension.errors import Ambiguous, Permanent, TargetUnavailable, Transient
from leeward.jobs.sync.user import UserState
from leeward.redaction import hide_credentials
from providers.jellyfin import policy as policies
from providers.jellyfin import user_name
from providers.jellyfin.accounts import Account, Accounts
from providers.jellyfin.answers import NameTaken, NoSuchUser
from providers.jellyfin.config import JellyfinConfig
from providers.jellyfin.health import check_health
from providers.jellyfin.library import Library
from providers.jellyfin.server import Server
from providers.jellyfin.transport import Transport

_RANDOM_PASSWORD_BYTES = 24
_LONGEST_PASSWORD = 4096
"""A request that is too large is refused as if the address were wrong, which would hold the accounts of others."""


class UserDirectory:
    """Creates, enables and disables accounts. Safe to use from any number of threads; close it when done."""

    def __init__(self, config: JellyfinConfig, *, call: Calls | None = None) -> None:
        hide_credentials([config.token.get_secret_value()])
        self._name = config.name
        self._transport = Transport(config, call=call)
        self._accounts = Accounts(self._transport)
        self.server = Server(self._transport)
        self.library = Library(self._transport)

    def ensure_user(
        self,
        name: str,
        state: UserState,
        password: SecretStr | None = None,
        *,
        policy: Mapping[str, Any] | None = None,
        create: bool | None = None,
        take_over: bool = True,
    ) -> dict[str, Any]:
        """Brings one account into the desired state. Doing it twice is doing it once.

        A missing account is created for ENABLED and left missing for DISABLED, unless `create` says otherwise. An account that exists under
        the name, in any case, is adopted; with a `password` and without `take_over` only one that was never signed in to. A crash between
        any two requests, also inside the server, is repaired by running again.

        Returns:
            `user`, `user_id` (None: there is none), `state`, and `changes`: what was done, of `created`, `enabled`,
            `disabled`, `policy`, `password`, `deleted`. Never a secret.

        Raises:
            ProviderError: of the class that says what to do about it.
        """
        self._check(name, password, policy or {})
        if state is UserState.DELETED:
            return self._removed(name)
        account, created = self._account(name, create=state is UserState.ENABLED if create is None else create)
        if account is None:
            return _result(name, None, state, [])
        if not created:
            self._refuse_to_take_over(account, password, policy, take_over=take_over)
        changes = ["created"] if created else []
        try:
            # Least privilege: an account has its policy before anybody is given its password.
            changes += self._bring_policy(account, state, policy or {})
            changes += self._bring_password(account, password, created=created)
        except NoSuchUser as error:
            raise self._error(
                Transient, f"the account {name!r} was deleted in the meantime; the next attempt creates it again"
            ) from error
        return _result(account.name, account.id, state, changes)

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

    def _check(self, name: str, password: SecretStr | None, policy: Mapping[str, Any]) -> None:
        if why := policies.refusal(policy):
            raise self._error(Permanent, f"the policy for {name!r} cannot be set: {why}")
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

    def _removed(self, name: str) -> dict[str, Any]:
        """What the server says of a deletion is not believed where it may mean several things: its list is."""
        account = self._accounts.find(name)
        if account is None:
            return _result(name, None, UserState.DELETED, [])
        if account.is_administrator:
            raise self._error(Permanent, f"{account.name!r} is an administrator: its account is not ours to delete")
        try:
            self._accounts.delete(account.id)
        except (NoSuchUser, Transient) as error:
            # 404 may also be something in between. 500 is a locked database, the last user, or an account that was gone already.
            if getattr(error, "unreachable", False) or self._accounts.find(name) is not None:
                raise self._not_deleted(account, error) from error
        return _result(account.name, account.id, UserState.DELETED, ["deleted"])

    def _not_deleted(self, account: Account, error: NoSuchUser | Transient) -> Transient:
        if isinstance(error, Transient):
            return error
        return Transient(
            f"there is still an account {account.name!r} ({error})",
            provider=self._name,
            operation="delete_user",
            status=error.status,
        )

    def _account(self, name: str, *, create: bool) -> tuple[Account | None, bool]:
        """The account, and whether it was created just now."""
        if not create:
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

    def _refuse_to_take_over(
        self, account: Account, password: SecretStr | None, policy: Mapping[str, Any] | None, *, take_over: bool
    ) -> None:
        # Producers may pass on names that strangers choose: a person who signs up as `admin` must not get that account.
        if account.is_administrator and (password is not None or policy):
            what = "password" if password is not None else "policy"
            raise self._error(Permanent, f"{account.name!r} is an administrator: its {what} is not ours to set")
        if password is not None and not take_over and account.was_used:
            raise self._error(
                Permanent, f"the name {account.name!r} is taken: someone has signed in to that account; choose another"
            )

    def _bring_policy(self, account: Account, state: UserState, wanted: Mapping[str, Any]) -> list[str]:
        # Read again and post back every field that came: the server replaces the policy, and what is left out falls back to
        # defaults. Not even that keeps all: reads never show EnableLyricManagement, so each post clears it. A policy that
        # is right already is therefore not posted.
        fresh = self._accounts.get(account.id)
        disable = state is UserState.DISABLED
        changed = policies.differing(wanted, fresh.policy)
        if fresh.is_disabled == disable and not changed:
            return []
        self._accounts.set_policy(fresh.id, {**fresh.policy, **wanted, "IsDisabled": disable})
        return [*([state.value] if fresh.is_disabled != disable else []), *(["policy"] if changed else [])]

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


def _result(name: str, account_id: str | None, state: UserState, changes: list[str]) -> dict[str, Any]:
    return {"user": name, "user_id": account_id, "state": state.value, "changes": changes}


def _random_password() -> SecretStr:
    return SecretStr(secrets.token_urlsafe(_RANDOM_PASSWORD_BYTES))


def _is_text(value: str) -> bool:
    """Whether it can be written: a lone surrogate cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
