"""The `sync` family: a media server should know what is in its folders."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from leeward.jobs.job import Job, ProviderName

SectionName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
"""The title of a section of a library as people see it, in any case, or the key that the server has for it."""
ServerPath = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A path as the media server sees it, which may be another than the fleet's."""


class SyncLibrary(Job):
    """Has a media server look for what is new in its folders, and waits until it has looked. Doing it twice is doing it once."""

    kind: ClassVar[str] = "sync.library"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "library"
    idempotent: ClassVar[bool] = True

    provider: ProviderName = "plex"
    section: SectionName | None = None
    """None: every section. A server without sections of its own refuses a job that names one."""
    path: ServerPath | None = None
    """Only this folder of the section, which takes a fraction of the time."""
    wait: bool = True
    """Whether the job is done when the server has looked, or already when it was asked to."""

    @model_validator(mode="after")
    def _names_the_section_of_its_path(self) -> Self:
        if self.path is not None and self.section is None:
            raise ValueError("give the section that the path is in")
        return self
