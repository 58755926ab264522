"""A Seerr or Overseerr server's API of requests over HTTP, with its traps: the answers of both, from their source code.

Operations for fault rules are `METHOD /path`, as `POST /api/v1/request`.
"""

import re
from collections.abc import Mapping
from typing import Any, Self

from simulators.faults import FaultPlan
from simulators.http_server import Answer, HttpServer, Request
from simulators.record import Record
from simulators.seerr import submission, webhooks
from simulators.seerr.settings import Settings
from simulators.seerr.submission import refusal
from simulators.seerr.titles import MediaRequest, MediaStatus, RequestStatus, Titles

API = "/api/v1"
_ONE = re.compile(r"/request/(\d+)(?:/(retry|approve|decline))?")
_TITLE = re.compile(r"/(movie|tv)/(\d+)")
_FORBIDDEN = {"status": 403, "error": "You do not have permission to access this endpoint"}
_VERBS = {
    "retry": RequestStatus.APPROVED,
    "approve": RequestStatus.APPROVED,
    "decline": RequestStatus.DECLINED,
}


class SeerrSimulator:
    """One simulated server. `with SeerrSimulator() as seerr:` runs it on a free port."""

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
        self.titles = Titles(self.record)
        self._server = HttpServer((host, port), self.respond, self.faults)

    @property
    def url(self) -> str:
        return self._server.url

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
        return {"requests": [request.dto() for request in self.titles.all()]}

    def configure(self, settings: Mapping[str, Any]) -> None:
        self.settings = Settings.model_validate(self.settings.model_dump() | dict(settings))

    def make_available(self, request: MediaRequest) -> None:
        """What Radarr and Sonarr do in the end, with its webhook."""
        self.titles.make_available(request, completes=not self.settings.overseerr)
        self.notify("MEDIA_AVAILABLE", request)

    def notify(self, notification_type: str, request: MediaRequest | None = None) -> None:
        """Sends a webhook, where one is configured."""
        settings = self.settings
        if settings.webhook_url:
            body = webhooks.body_of(notification_type, request)
            webhooks.send(
                settings.webhook_url, settings.webhook_header, settings.webhook_authorization, body, self.record
            )

    def respond(self, request: Request) -> Answer:
        """The server's answer to a request, without its faults. Thread-safe."""
        if not request.path.startswith(API + "/"):
            return Answer(200, b"<!DOCTYPE html><html>the web UI</html>", "text/html; charset=utf-8")
        path = request.path[len(API) :]
        self._deliver()
        public = self._without_key(request.method, path)
        if public is not None:
            return public
        return self._refused(request, path) or self._with_key(request, path)

    def _deliver(self) -> None:
        after = self.settings.delivered_after_ms
        if after is not None:
            for one in self.titles.deliver(after / 1000, completes=not self.settings.overseerr):
                self.notify("MEDIA_AVAILABLE", one)

    def _without_key(self, method: str, path: str) -> Answer | None:
        match method, path:
            case "GET", "/settings/public":
                return Answer.of_json({"initialized": self.settings.initialized, "applicationTitle": "Seerr"})
            case "GET", "/status":
                return Answer.of_json({"version": "3.1.0", "commitTag": "local", "updateAvailable": False})
        return None

    def _refused(self, request: Request, path: str) -> Answer | None:
        key = request.headers.get("x-api-key")
        if key is None:
            message = "cookie 'connect.sid' required"
            errors = [{"path": API + path, "message": message}]
            return Answer.of_json({"message": message, "errors": errors}, 401)
        user = request.headers.get("x-api-user")
        if key != self.settings.api_key or (user is not None and user not in map(str, self.settings.users)):
            return Answer.of_json(_FORBIDDEN, 403)
        if self.settings.csrf and request.method != "GET":
            return refusal(403, "invalid csrf token")
        return None

    def _with_key(self, request: Request, path: str) -> Answer:
        match request.method, path:
            case "POST", "/request":
                return self._create(request)
            case "GET", "/request":
                return self._list(request.query)
            case "GET", "/request/count":
                return self._count()
        if (found := _ONE.fullmatch(path)) is not None:
            return self._one(request.method, int(found[1]), found[2])
        if request.method == "GET" and (found := _TITLE.fullmatch(path)) is not None:
            return self._details(found[1], int(found[2]))
        return Answer.of_json({"message": "not found", "errors": [{"path": API + path, "message": "not found"}]}, 404)

    def _create(self, request: Request) -> Answer:
        sent = request.json()
        wrong = [name for name in ("mediaType", "mediaId") if not isinstance(sent, dict) or name not in sent]
        if wrong or sent["mediaType"] not in {"movie", "tv"} or (sent["mediaType"] == "tv" and "seasons" not in sent):
            return Answer.of_json({"message": "request.body has errors", "errors": [{"path": "/request"}]}, 400)
        made = submission.created(self.titles, self.settings, sent)
        if isinstance(made, Answer):
            return made
        self.notify("MEDIA_AUTO_APPROVED" if made.status is RequestStatus.APPROVED else "MEDIA_PENDING", made)
        return Answer.of_json(made.dto(), 201)

    def _list(self, query: Mapping[str, str]) -> Answer:
        take, skip = int(query.get("take") or 10), int(query.get("skip") or 0)
        found = self.titles.all()
        page = [one.dto() for one in found[skip : skip + take]]
        pages = -(-len(found) // take)
        info = {"pages": pages, "pageSize": take, "results": len(found), "page": skip // take + 1}
        more: dict[str, Any] = {} if self.settings.overseerr else {"serviceErrors": {"radarr": [], "sonarr": []}}
        return Answer.of_json({"pageInfo": info, "results": page, **more})

    def _count(self) -> Answer:
        found = self.titles.all()
        counted: dict[str, int] = {
            "total": len(found),
            **{kind: sum(1 for one in found if one.title.media_type == kind) for kind in ("movie", "tv")},
            **{
                status.name.lower(): sum(1 for one in found if one.status is status)
                for status in (RequestStatus.PENDING, RequestStatus.APPROVED, RequestStatus.DECLINED)
            },
            **{
                status.name.lower(): sum(1 for one in found if one.title.status[bool(one.is_4k)] is status)
                for status in (MediaStatus.PROCESSING, MediaStatus.AVAILABLE)
            },
        }
        if not self.settings.overseerr:
            counted["completed"] = sum(1 for one in found if one.status is RequestStatus.COMPLETED)
        return Answer.of_json(counted)

    def _one(self, method: str, request_id: int, verb: str | None) -> Answer:
        found = self.titles.request(request_id)
        if method == "GET" and self.settings.broken_reads:
            self.configure({"broken_reads": self.settings.broken_reads - 1})
            found = None
        if found is None:
            return refusal(404, "Request not found.")
        match method, verb:
            case "GET", None:
                return Answer.of_json(found.dto())
            case "DELETE", None:
                self.titles.delete(found)
                return Answer(204)
            case "POST", ("retry" | "approve" | "decline") as verb:
                self.titles.set_status(found, _VERBS[verb])
                self.notify("MEDIA_DECLINED" if verb == "decline" else "MEDIA_APPROVED", found)
                return Answer.of_json(found.dto())
        return refusal(405, f"{method} method not allowed")

    def _details(self, media_type: str, tmdb_id: int) -> Answer:
        if submission.tmdb_failure(self.settings, media_type, tmdb_id) is not None:
            return refusal(500, f"Unable to retrieve {'movie' if media_type == 'movie' else 'series'}.")
        details: dict[str, Any] = {"id": tmdb_id, "title" if media_type == "movie" else "name": "Something"}
        title = self.titles.known(media_type, tmdb_id)
        if title is not None:
            details["mediaInfo"] = title.dto() | {"requests": [one.dto() for one in title.requests]}
        return Answer.of_json(details)


def create(host: str, port: int, faults: FaultPlan, record: Record, settings: Mapping[str, Any]) -> SeerrSimulator:
    """For `python -m simulators seerr`."""
    return SeerrSimulator(
        host=host, port=port, faults=faults, record=record, settings=Settings.model_validate(dict(settings))
    )
