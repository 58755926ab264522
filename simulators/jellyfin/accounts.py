"""The accounts of a simulated Jellyfin and the rules it keeps about them."""

import re
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from simulators.jellyfin import policy as jellyfin_policy
from simulators.record import Record

SERVER_ID = "0123456789abcdef0123456789abcdef"
_NAME = re.compile(r"(?!\s)[\w \-'._@+]+(?<!\s)")


class Refused(Exception):  # it is an answer, not a mistake of ours
    """Raised when Jellyfin would refuse: carries the status and the sentence of the answer."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(slots=True)
class Account:
    name: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    password: str | None = None
    policy: dict[str, Any] = field(default_factory=lambda: dict(jellyfin_policy.NEW_ACCOUNT))
    last_login: datetime | None = None

    def dto(self) -> dict[str, Any]:
        """What the API shows, nulls left out."""
        shown = {
            "Name": self.name,
            "ServerId": SERVER_ID,
            "Id": self.id,
            "HasPassword": bool(self.password),
            "HasConfiguredPassword": bool(self.password),
            "HasConfiguredEasyPassword": False,
            "EnableAutoLogin": False,
            "Configuration": {"PlayDefaultAudioTrack": True, "SubtitleMode": "Default", "GroupedFolders": []},
            "Policy": jellyfin_policy.shown(self.policy),
        }
        return shown if self.last_login is None else shown | {"LastLoginDate": self.last_login.isoformat()}


class Accounts:
    """Thread-safe. Begins with one administrator, `admin`."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.RLock()
        self._by_id: dict[str, Account] = {}
        self._by_name: dict[str, Account] = {}
        admin = Account("admin", password="admin")
        admin.policy["IsAdministrator"] = True
        self.add(admin)

    def all(self) -> list[Account]:
        with self._lock:
            return list(self._by_id.values())

    def get(self, account_id: str) -> Account:
        """Raises `Refused` with 404 when there is none. Any spelling of a GUID is read."""
        with self._lock:
            found = self._by_id.get(account_id.replace("-", "").lower())
        if found is None:
            raise Refused(404, "User not found")
        return found

    def named(self, name: str) -> Account | None:
        with self._lock:
            return self._by_name.get(_normalized(name))

    def account(self, name: str) -> Account:
        """Raises `LookupError` when there is none of this name."""
        found = self.named(name)
        if found is None:
            raise LookupError(name)
        return found

    def create(self, name: str, password: str | None, *, commit_delay_seconds: float, crash: bool) -> Account:
        """Two commits, as Jellyfin does it: the account, then its password. A `crash` comes between them."""
        if not _NAME.fullmatch(name) or self.named(name) is not None:
            self._record.add("create_refused", name=name)
            raise Refused(400, "Error processing request.")
        time.sleep(commit_delay_seconds)
        with self._lock:
            if self.named(name) is not None:  # the unique index, met by a racing creator that passed the check above
                self._record.add("create_raced", name=name)
                raise Refused(500, "Error processing request.")
            account = Account(name)
            self.add(account)
            self._record.add("user_created", name=name, id=account.id)
        if crash:
            raise ConnectionAbortedError
        if password:
            self.set_password(account, password)
        return account

    def set_password(self, account: Account, password: str) -> None:
        if account.policy["IsAdministrator"] and not password:
            raise Refused(400, "Error processing request.")
        with self._lock:
            account.password = password
            self._record.add("password_set", name=account.name, id=account.id)

    def set_policy(self, account: Account, sent: Mapping[str, Any]) -> None:
        with self._lock:
            self._check_policy(account, sent)
            was_disabled = account.policy["IsDisabled"]
            account.policy = jellyfin_policy.replaced(sent)
            self._record.add("policy_set", name=account.name, id=account.id)
            if account.policy["IsDisabled"] != was_disabled:
                event = "user_enabled" if was_disabled else "user_disabled"
                self._record.add(event, name=account.name, id=account.id)

    def _check_policy(self, account: Account, sent: Mapping[str, Any]) -> None:
        disables = bool(sent.get("IsDisabled")) and not account.policy["IsDisabled"]
        if account.policy["IsAdministrator"]:
            if not sent.get("IsAdministrator") and sum(a.policy["IsAdministrator"] for a in self.all()) == 1:
                raise Refused(403, "There must be at least one user in the system with administrative access.")
            if sent.get("IsDisabled"):
                raise Refused(403, "Administrators cannot be disabled.")
        if disables and sum(not a.policy["IsDisabled"] for a in self.all()) == 1:
            raise Refused(403, "There must be at least one enabled user in the system.")

    def delete(self, account: Account) -> None:
        with self._lock:
            if len(self._by_id) == 1:
                raise Refused(500, "Error processing request.")
            if account.policy["IsAdministrator"] and sum(a.policy["IsAdministrator"] for a in self.all()) == 1:
                raise Refused(400, "Error processing request.")
            self._by_id.pop(account.id, None)
            self._by_name.pop(_normalized(account.name), None)
            self._record.add("user_deleted", name=account.name, id=account.id)

    def add(self, account: Account) -> None:
        """Puts an account in as it is, without a record."""
        with self._lock:
            self._by_id[account.id] = account
            self._by_name[_normalized(account.name)] = account

    def log_in(self, name: str, password: str) -> Account:
        account = self.named(name)
        if account is None or (account.password or "") != password:
            raise Refused(401, "Error processing request.")
        if account.policy["IsDisabled"]:
            raise Refused(403, "Error processing request.")
        account.last_login = datetime.now(UTC)
        return account


def _normalized(name: str) -> str:
    """.NET's ToUpperInvariant: one character for one character."""
    return "".join(upper if len(upper := character.upper()) == 1 else character for character in name)
