"""Seerr's calls about requests, one method each. What they add up to is in `submission`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leeward.extension.errors import Misconfigured, Transient
from providers.seerr.answers import CREATE, DELETE, NoSuchRequest
from providers.seerr.media_request import Media, MediaRequest, NoRequest
from providers.seerr.statuses import is_number
from providers.seerr.transport import Transport

PAGE = 50
_OK = range(200, 300)


class AnswerUnreadable(Transient):
    """Raised when a request was made, and the answer that has its number cannot be read."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list.

    Attributes:
        total: how many requests there are in all.
        unreadable: how many of this page are none.
    """

    requests: tuple[MediaRequest, ...]
    total: int
    unreadable: int = 0


class Requests:
    """Thread-safe, as its transport is. Every method raises `leeward.extension.errors`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, body: Mapping[str, Any]) -> MediaRequest | None:
        """None: there is nothing to request, of a series whose seasons are all covered.

        Raises also `AlreadyRequested`, and `Ambiguous` or `AnswerUnreadable` when the answer was lost.
        """
        try:
            answer = self._transport.call(CREATE, "POST", "/request", json=body, repeatable=False)
        except Transient as error:
            if error.status in _OK:
                raise AnswerUnreadable(str(error), provider=self._transport.name, operation=CREATE) from error
            raise
        if isinstance(answer, dict) and "id" not in answer and isinstance(answer.get("message"), str):
            return None
        try:
            return MediaRequest.from_dto(answer)
        except NoRequest:
            message = "Seerr's answer to the new request has no number"
            raise AnswerUnreadable(message, provider=self._transport.name, operation=CREATE) from None

    def get(self, request_id: int) -> MediaRequest:
        """Raises also `NoSuchRequest`, when the server said so twice: it says so of any failure."""
        try:
            return self._get(request_id)
        except NoSuchRequest:
            return self._get(request_id)

    def page(self, *, skip: int = 0, take: int = PAGE) -> Page:
        """The list of all requests, the newest first. New ones shift what comes after them: stop at those that are known."""
        query: dict[str, str | int] = {"take": take, "skip": skip, "filter": "all", "sort": "added"}
        answer = self._transport.call("list_requests", "GET", "/request", params=query)
        listed = answer.get("results") if isinstance(answer, dict) else None
        if not isinstance(listed, list):
            raise self._no_seerr("something that is not a list of requests", "list_requests")
        requests = [found for one in listed if (found := _readable(one)) is not None]
        if listed and not requests:
            raise self._no_seerr("requests that lack their number or status", "list_requests")
        return Page(tuple(requests), _total(answer), len(listed) - len(requests))

    def counts(self) -> dict[str, int]:
        """By status, as `pending`; Overseerr counts fewer."""
        answer = self._transport.call("count_requests", "GET", "/request/count")
        if not isinstance(answer, dict):
            raise self._no_seerr("something that counts no requests", "count_requests")
        return {str(name): number for name, number in answer.items() if is_number(number)}

    def media(self, media_type: str, tmdb_id: int, *, is_4k: bool) -> Media:
        """What is known of a title, its requests among it: where an effect is looked for whose answer was lost."""
        operation, path = ("get_movie", "movie") if media_type == "movie" else ("get_series", "tv")
        details = self._transport.call(operation, "GET", f"/{path}/{tmdb_id}")
        try:
            return Media.from_details(details, is_4k=is_4k)
        except NoRequest:
            raise self._no_seerr("something that describes no title", operation) from None

    def retry(self, request_id: int) -> MediaRequest:
        """Sends a failed request to Radarr or Sonarr again. Raises also `NoSuchRequest`."""
        return self._change("retry_request", request_id, "retry")

    def approve(self, request_id: int) -> MediaRequest:
        """Raises also `NoSuchRequest`."""
        return self._change("approve_request", request_id, "approve")

    def decline(self, request_id: int) -> MediaRequest:
        """Raises also `NoSuchRequest`."""
        return self._change("decline_request", request_id, "decline")

    def delete(self, request_id: int) -> bool:
        """False: it was gone already."""
        try:
            self._transport.call(DELETE, "DELETE", f"/request/{request_id}")
        except NoSuchRequest:
            return False
        return True

    def _get(self, request_id: int) -> MediaRequest:
        found = self._read(self._transport.call("get_request", "GET", f"/request/{request_id}"), "get_request")
        if found.id != request_id:  # from a cache in between
            raise self._no_seerr("another request than the one in question", "get_request")
        return found

    def _change(self, operation: str, request_id: int, verb: str) -> MediaRequest:
        return self._read(self._transport.call(operation, "POST", f"/request/{request_id}/{verb}"), operation)

    def _read(self, dto: Any, operation: str) -> MediaRequest:
        found = _readable(dto)
        if found is None:
            raise self._no_seerr("a request that lacks its number or status", operation)
        return found

    def _no_seerr(self, answered: str, operation: str) -> Misconfigured:
        message = f"Seerr answered with {answered}; the URL leads to something that is not the API"
        return Misconfigured(message, provider=self._transport.name, operation=operation)


def _readable(dto: Any) -> MediaRequest | None:
    try:
        return MediaRequest.from_dto(dto)
    except NoRequest:
        return None


def _total(answer: Mapping[str, Any]) -> int:
    info = answer.get("pageInfo")
    total = info.get("results") if isinstance(info, dict) else None
    return total if isinstance(total, int) and is_number(total) else 0
