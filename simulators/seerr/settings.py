"""How a simulated Seerr is."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """`tmdb` is what TMDB's failures say, as `fetch failed`; empty: it works. `delivered_after_ms`: how long after its approval a title
    is available; None: never by itself.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: str = "simulated-key"
    overseerr: bool = False
    """The older server: no `completed`, no blocklist, `all` has season 0."""
    initialized: bool = True
    csrf: bool = False
    users: tuple[int, ...] = (1, 2)
    auto_approve: bool = True
    may_request: bool = True
    movie_quota: int | None = None
    series_quota: int | None = None
    blocklist: tuple[int, ...] = ()
    unknown_titles: tuple[int, ...] = ()
    tmdb: str = ""
    broken_reads: int = 0
    """The next so many reads of one request end in its catch-all 404."""
    commit_delay_ms: int = 0
    delivered_after_ms: int | None = None
    webhook_url: str = ""
    webhook_header: str = "Authorization"
    webhook_authorization: str = ""
