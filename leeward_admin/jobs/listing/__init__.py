"""Lists of jobs: which are wanted, a page of them, and where the next page begins."""

from leeward_admin.jobs.listing.cursor import InvalidJobCursor, JobCursor
from leeward_admin.jobs.listing.filter import JobFilter
from leeward_admin.jobs.listing.pages import LOOKED_AT_MOST, JobPage, page

__all__ = ["LOOKED_AT_MOST", "InvalidJobCursor", "JobCursor", "JobFilter", "JobPage", "page"]
