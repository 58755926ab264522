"""Fills one part: asks, continues what broke off, and begins again when it must."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import httpcore
import httpx

from providers.downloads.answer import Complete, Piece, Resumption, Unusable, Whole, read_answer
from providers.downloads.config import MIB
from providers.downloads.intake import Intake
from providers.downloads.part_file import PartFile
from providers.downloads.problems import AnswerBroken, AnswerRefused
from providers.downloads.session import Answered, Session
from providers.retry_after import parse_retry_after

_WORTH_GOING_ON_BYTES = MIB
_MOST_RESTARTS = 2
_EXPIRED_LINK = frozenset({401, 403})
_BROKE_OFF = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError, AnswerBroken)


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask for.

    Attributes:
        integrity_known: the job names the file's checksum.
        is_checkable: the job names its size or its checksum.
    """

    url: httpx.URL
    integrity_known: bool
    is_checkable: bool


class Transfer:
    """One delivery's work on a part. Whatever ends it, even an exception from another thread, the part can be resumed."""

    def __init__(
        self, session: Session, target: Target, part: PartFile, intake: Intake, now: Callable[[], datetime]
    ) -> None:
        self._session = session
        self._target = target
        self._part = part
        self._intake = intake
        self._now = now
        self._restarts = 0
        self._expired_links = 0
        self._can_go_on = True

    def run(self) -> None:
        """Returns once every byte is there.

        A connection that breaks off after bringing a good deal is made again at once, as often as it takes: only
        deliveries without progress are failures.

        Raises:
            AnswerRefused, AnswerBroken, EndUncertain, TooLarge, WrongContent, TooSlow, DiskShort: see `problems`.
            Other errors: those of `Session.get`; OSError from the disk.
        """
        while not self._part.is_complete:
            before = self._part.size
            try:
                if self._ask():
                    break
            except _BROKE_OFF:
                if not (self._can_go_on and self._part.size - before >= _WORTH_GOING_ON_BYTES):
                    raise
        self._intake.report()

    def _ask(self) -> bool:
        """One request and its body. Returns whether the file is whole now."""
        asked = self._resumption()
        with self._session.get(self._target.url, asked, integrity_known=self._target.integrity_known) as answered:
            answer = read_answer(answered.status, answered.headers, asked, is_checkable=self._target.is_checkable)
            match answer:
                case Whole(etag, total):
                    # Without a strong tag, or from a host that ignores ranges, a second try would bring the same bytes again.
                    self._can_go_on = asked is None and etag is not None
                    self._part.restart(etag, total)
                    self._receive(answered.body, total)
                    return True
                case Piece(length, total):
                    self._part.go_on(total)
                    self._receive(answered.body, length)
                    return self._part.is_complete
                case Complete():
                    return True
                case Unusable(reason):
                    self._begin_again(reason)
                case None:
                    self._refused(answered)
        return False

    def _resumption(self) -> Resumption | None:
        record = self._part.record
        if not self._part.can_resume or record.etag is None:
            return None
        return Resumption(self._part.size, record.etag, record.total)

    def _receive(self, body: Iterator[bytes], length: int | None) -> None:
        self._intake.begin()
        received = 0
        for chunk in body:
            received += len(chunk)
            if length is not None and received > length:
                raise AnswerBroken(f"sent more than the {length} bytes that it announced")
            self._intake.take(chunk)
        if length is not None and received < length:
            raise AnswerBroken(f"sent {received} of {length} bytes")

    def _begin_again(self, reason: str) -> None:
        self._restarts += 1
        self._part.restart()
        if self._restarts > _MOST_RESTARTS:
            raise AnswerBroken(f"cannot be continued or begun again: {reason}")

    def _refused(self, answered: Answered) -> None:
        # A signed link that we were redirected to may just have expired; the first URL leads to a fresh one.
        if answered.behind_redirect and answered.status in _EXPIRED_LINK and self._expired_links == 0:
            self._expired_links += 1
            return
        raise AnswerRefused(
            answered.status,
            retry_after=parse_retry_after(answered.headers.get("retry-after"), now=self._now()),
            behind_redirect=answered.behind_redirect,
        )
