"""Fills one part: asks, continues what broke off, and begins again when it must."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import httpcore
import httpx

from providers.downloads.disk.beside import Bytes
from providers.downloads.disk.part_file import PartFile
from providers.downloads.intake import Intake
from providers.downloads.network.answer import Complete, Piece, Resumption, Unusable, Whole, read_answer
from providers.downloads.network.session import Answered, Session
from providers.downloads.problems import AnswerBroken, AnswerRefused
from providers.retry_after import parse_retry_after

_MOST_RESTARTS = 2
_EXPIRED_LINK = frozenset({401, 403})
_BROKE_OFF = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.RemoteProtocolError, AnswerBroken)


@dataclass(frozen=True, slots=True)
class Target:
    """What to ask for.

    Attributes:
        source: the digest of the URL.
        integrity_known: the job names the file's checksum.
        is_checkable: the job names its size or its checksum.
    """

    url: httpx.URL
    source: str
    integrity_known: bool
    is_checkable: bool


class Transfer:
    """One delivery's work on a part. Whatever ends it, even an exception from another thread, the part can be resumed."""

    def __init__(
        self,
        session: Session,
        target: Target,
        part: PartFile,
        intake: Intake,
        now: Callable[[], datetime],
        *,
        resume_at_once_bytes: int,
    ) -> None:
        self._session = session
        self._target = target
        self._part = part
        self._intake = intake
        self._now = now
        self._resume_at_once_bytes = resume_at_once_bytes
        self._restarts = 0
        self._expired_links = 0
        self._can_go_on = True

    def run(self) -> None:
        """Returns once every byte is there.

        A connection that breaks off after bringing a good deal is made again at once, as often as it takes: only
        deliveries without progress are failures.

        Raises:
            AnswerRefused, AnswerBroken, EndUncertain, TooLarge, WrongContent, WrongType, TooSlow, DiskShort: see `problems`.
            Other errors: those of `Session.get`; OSError from the disk.
        """
        while self._resumption() is None or not self._part.is_complete:
            before = self._part.size
            try:
                if self._ask():
                    break
            except _BROKE_OFF:
                if not (
                    self._can_go_on and self._part.can_resume and self._part.size - before >= self._resume_at_once_bytes
                ):
                    raise
        self._intake.report()

    def brings_another_version(self) -> bool:
        """Whether the host has another version by now than the one that is in the part. Reads no more than its answer's head.

        Raises:
            The errors of `Session.get`.
        """
        known = self._part.record
        with self._session.get(self._target.url, None, integrity_known=self._target.integrity_known) as answered:
            answer = read_answer(answered.status, answered.headers, None, is_checkable=True)
        if not isinstance(answer, Whole):
            return False
        return answer.version.contradicts(known.validators) or (
            None not in (answer.total, known.total) and answer.total != known.total
        )

    def _ask(self) -> bool:
        """One request and its body. Returns whether the file is whole now."""
        asked = self._resumption()
        with self._session.get(self._target.url, asked, integrity_known=self._target.integrity_known) as answered:
            answer = read_answer(answered.status, answered.headers, asked, is_checkable=self._target.is_checkable)
            if isinstance(answer, Whole | Piece):
                self._intake.check_type(answered.headers.get("content-type"))
            match answer:
                case Whole(total, version, coding):
                    self._part.restart(self._target.source, version, total, coding)
                    # From a host that ignores ranges a second try would bring the same bytes again.
                    self._can_go_on = asked is None
                    self._receive(answered.body, total)
                    return True
                case Piece(length, total, version):
                    if asked is not None and asked.version is None:
                        self._part.change_source(self._target.source, version)
                    self._part.go_on(total)
                    self._receive(answered.body, length)
                    return self._part.is_complete
                case Complete():
                    self._part.go_on(self._part.size)
                    return True
                case Unusable(reason):
                    self._begin_again(reason)
                case None:
                    self._refused(answered)
        return False

    def _resumption(self) -> Resumption | None:
        """What to ask for after the bytes that are there. Those of another URL are continued where a checksum is known."""
        record = self._part.record
        is_of_here = record.source == self._target.source
        if not self._part.can_resume or not (is_of_here or self._target.integrity_known):
            return None
        return Resumption(self._part.size, record.validators if is_of_here else None, record.total, record.coding)

    def _receive(self, body: Iterator[Bytes], length: int | None) -> None:
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
        self._part.restart(self._target.source)
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
