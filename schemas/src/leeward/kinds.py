"""Every kind of job there is. To add a job, write its model and name it here."""

from leeward.download_file import DownloadFile
from leeward.job import Job
from leeward.send_email import SendEmail
from leeward.sync_user import SyncUser

KINDS: tuple[type[Job], ...] = (SyncUser, SendEmail, DownloadFile)

_BY_NAME = {(job.kind, job.version): job for job in KINDS}


def job_type(kind: str, version: int) -> type[Job] | None:
    """The model of a kind and version; None when this release does not know it."""
    return _BY_NAME.get((kind, version))
