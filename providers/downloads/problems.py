"""What can go wrong with a transfer, as facts. `translation` says what each means for the job."""

from datetime import timedelta


class AnswerRefused(Exception):
    """Raised when a host answers with a status that brings no file.

    Attributes:
        status: the HTTP status.
        retry_after: how long the host asked to be left alone.
        behind_redirect: whether another URL sent us there.
    """

    def __init__(self, status: int, *, retry_after: timedelta | None = None, behind_redirect: bool = False) -> None:
        super().__init__(f"answered {status}")
        self.status = status
        self.retry_after = retry_after
        self.behind_redirect = behind_redirect


class AnswerBroken(Exception):
    """Raised when an answer contradicts itself or the request, or ends before it should."""


class EndUncertain(Exception):
    """Raised when it cannot be known whether a file is complete: no length, or an encoding that was not requested."""


class TooLarge(Exception):
    """Raised when a file is larger than the job's limit."""


class WrongContent(Exception):
    """Raised when a file has another size or checksum than the job expects.

    Attributes:
        may_be_ours: whether a fresh download may turn out well: the bytes came in several answers, or the host replaced
            the file meanwhile.
    """

    def __init__(self, message: str, *, may_be_ours: bool = False) -> None:
        super().__init__(message)
        self.may_be_ours = may_be_ours


class WrongType(Exception):
    """Raised when a host says that a file is of a type that is not wanted.

    Attributes:
        is_page: a page came in place of another file: a sign-in, a notice, or "not found" with a status that says otherwise.
    """

    def __init__(self, message: str, *, is_page: bool = False) -> None:
        super().__init__(message)
        self.is_page = is_page


class FileDamaged(Exception):
    """Raised when a file was damaged on its way: it has another checksum than its host names, or cannot be decompressed."""


class TooSlow(Exception):
    """Raised when a host sends less than the configured speed over the whole window."""


class DiskShort(Exception):
    """Raised when a file would leave less free space than the configured reserve."""


class NoRoom(Exception):
    """Raised when a file that is announced would not fit beside the reserve, while the disk itself is not too full."""


class ProxyRefused(Exception):
    """Raised when the operator's proxy refuses our credentials.

    Attributes:
        status: what it answered.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"the proxy answered {status}")
        self.status = status
