"""A Jellyfin server's user API over HTTP, with its traps: the answers of 10.11 and 12.0, from their source code.

Operations for fault rules are `METHOD /path`, as `POST /Users/New`. Start-up and the address filter are modes.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict

from simulators.faults import FaultPlan
from simulators.http_server import TEXT, Answer, HttpServer, Request
from simulators.jellyfin import policy
from simulators.jellyfin.accounts import Account, Accounts, Refused
from simulators.jellyfin.library import Library
from simulators.jellyfin.startup import Mode, info, public_info, while_starting
from simulators.record import Record

_TOKEN = re.compile(r'MediaBrowser\s.*?Token="?([^",]+)"?', re.IGNORECASE)
_USER = re.compile(r"/Users/([0-9a-fA-F-]{32,36})(/Policy|/Password)?")
_EMPTY_GUID = "0" * 32
_NO_CONTENT = Answer(204)


class Settings(BaseModel):
    """`token` is the API key; `base_path` the configured BaseUrl; `commit_delay_ms` widens the race of two creators."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: str = "simulated-key"
    version: str = "10.11.11"
    """From 12 on, `HasPassword` is true whether or not there is one."""
    base_path: str = ""
    mode: Mode = Mode.RUNNING
    legacy_authorization: bool = True
    commit_delay_ms: int = 0
    scan_ms: int = 0
    """How long a scan of the libraries takes."""
    crash_between_commits: int = 0
    """The next so many creates end between their two commits: an account without a password, and no answer."""


class JellyfinSimulator:
    """One simulated server. `with JellyfinSimulator() as jellyfin:` runs it on a free port."""

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: FaultPlan | None = None,
        record: Record | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.faults = faults or FaultPlan()
        self.record = record or Record()
        self.settings = settings or Settings()
        self.accounts = Accounts(self.record)
        self.library = Library(self.record)
        self._server = HttpServer((host, port), self.respond, self.faults)

    @property
    def url(self) -> str:
        return self._server.url + self.settings.base_path

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def state(self) -> Mapping[str, Any]:
        return {"users": [account.dto() for account in self.accounts.all()]}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def drop_connections(self) -> int:
        """Ends every open connection, as a restart would. Returns how many there were."""
        return self._server.drop_connections()

    def respond(self, request: Request) -> Answer:
        """The server's answer to a request, without its faults. Thread-safe."""
        answer = self._answer(request)
        if self.settings.mode in {Mode.SETUP, Mode.FAILED}:
            return answer
        # The running server's middleware adds this to everything; the setup server is another program.
        return replace(answer, headers={**answer.headers, "X-Response-Time-ms": "0.5"})

    def _answer(self, request: Request) -> Answer:
        base = self.settings.base_path
        if not request.path.startswith(base + "/"):
            return Answer(302, headers={"Location": f"{base}/web/"})
        path = request.path[len(base) :]
        for answer in (while_starting(self.settings.mode, path), self._without_key(request, path)):
            if answer is not None:
                return answer
        if not self._is_authorized(request):
            return Answer(401)
        try:
            return self._server_wide(request, path) or self._users(request, path)
        except Refused as refusal:
            return Answer.of_text(refusal.sentence, refusal.status)

    def _without_key(self, request: Request, path: str) -> Answer | None:
        match request.method, path:
            case _, "/health":
                return Answer(200, b"Healthy", "text/plain")
            case _, "/System/Ping":
                return Answer.of_json("Jellyfin Server")
            case "GET", "/System/Info/Public":
                return Answer.of_json(public_info(started=True, version=self.settings.version))
            case "POST", "/Users/AuthenticateByName":
                return self._log_in(request)
        return None

    def _log_in(self, request: Request) -> Answer:
        sent = request.json()
        try:
            account = self.accounts.log_in(sent["Username"], sent.get("Pw") or "")
        except Refused as refusal:
            return Answer(refusal.status, refusal.sentence.encode(), TEXT)
        return Answer.of_json({"User": account.dto(), "AccessToken": "0" * 32, "ServerId": account.dto()["ServerId"]})

    def _is_authorized(self, request: Request) -> bool:
        found = _TOKEN.match(request.headers.get("authorization", ""))
        if found is not None:
            return unquote(found[1]) == self.settings.token
        legacy = request.headers.get("x-emby-token") if self.settings.legacy_authorization else None
        return (legacy or request.query.get("ApiKey")) == self.settings.token

    def _server_wide(self, request: Request, path: str) -> Answer | None:
        match request.method, path:
            case "GET", "/System/Info":
                return Answer.of_json(info(version=self.settings.version))
            case "POST", "/Library/Refresh":
                self.library.refresh(self.settings.scan_ms)
                return _NO_CONTENT
            case "GET", "/ScheduledTasks":
                return Answer.of_json([self.library.task()])
        return None

    def _users(self, request: Request, path: str) -> Answer:
        match request.method, path:
            case "GET", "/Users":
                return self._list(request.query)
            case "POST", "/Users/New":
                return self._create(request)
            case "GET", "/Users/Me":  # an API key has no user
                return Answer.of_text("Error processing request.", 400)
            case "POST", "/Users/Password":
                return self._set_password(self.accounts.get(request.query.get("userId", "")), request)
        found = _USER.fullmatch(path)
        return Answer(404) if found is None else self._one_user(request, found[1], found[2])

    def _one_user(self, request: Request, account_id: str, part: str | None) -> Answer:
        if account_id.replace("-", "") == _EMPTY_GUID:
            return Answer.of_text("Error processing request.", 400)
        account = self.accounts.get(account_id)
        match request.method, part:
            case "GET", None:
                return Answer.of_json(self._dto(account))
            case "DELETE", None:
                self.accounts.delete(account)
                return _NO_CONTENT
            case "POST", "/Policy":
                return self._set_policy(account, request)
            case "POST", "/Password":
                return self._set_password(account, request)
        return Answer(405)

    def _dto(self, account: Account) -> dict[str, Any]:
        hides = int(self.settings.version.partition(".")[0]) >= 12
        return account.dto() | ({"HasPassword": True, "HasConfiguredPassword": True} if hides else {})

    def _list(self, query: Mapping[str, str]) -> Answer:
        wanted = {"IsHidden": query.get("isHidden"), "IsDisabled": query.get("isDisabled")}
        shown = [
            self._dto(account)
            for account in self.accounts.all()
            if all(asked is None or account.policy[name] == (asked == "true") for name, asked in wanted.items())
        ]
        return Answer.of_json(shown)

    def _create(self, request: Request) -> Answer:
        sent = request.json()
        if not isinstance(sent, dict) or not isinstance(sent.get("Name"), str):
            return _invalid("Name")
        crash = self.settings.crash_between_commits > 0
        if crash:
            self.configure({"crash_between_commits": self.settings.crash_between_commits - 1})
        delay = self.settings.commit_delay_ms / 1000
        account = self.accounts.create(sent["Name"], sent.get("Password"), commit_delay_seconds=delay, crash=crash)
        return Answer.of_json(self._dto(account))

    def _set_policy(self, account: Account, request: Request) -> Answer:
        sent = request.json()
        missing = [name for name in policy.REQUIRED if not sent.get(name)]
        if missing:
            return _invalid(*missing)
        self.accounts.set_policy(account, sent)
        return _NO_CONTENT

    def _set_password(self, account: Account, request: Request) -> Answer:
        self.accounts.set_password(account, request.json().get("NewPw") or "")
        return _NO_CONTENT


def _invalid(*names: str) -> Answer:
    problem = {
        "title": "One or more validation errors occurred.",
        "status": 400,
        "errors": {name: ["required"] for name in names},
    }
    return Answer(400, Answer.of_json(problem).body, "application/problem+json; charset=utf-8")


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> JellyfinSimulator:
    """For `python -m simulators jellyfin`."""
    return JellyfinSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
