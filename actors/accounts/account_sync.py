"""What a job does about one account: the provider is asked, and the book knows of it before, while it fails, and after."""

import time
from datetime import datetime, timedelta
from typing import Any

import structlog

from actors.accounts.account_book import AccountBook
from broker.delivery.current import server_now
from leeward.extension import ProviderError, emit_event
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.redaction import cleaned
from providers.jellyfin.provider import Jellyfin

CREATED, ENABLED, DELETED, SYNCED = "user.created", "user.enabled", "user.deleted", "user.synced"
_log = structlog.get_logger(__name__)


def bring_about(job: SyncUser, jellyfin: Jellyfin) -> dict[str, Any]:
    """Brings an account into the state that a job wants. Doing it again is harmless.

    Returns:
        As `UserDirectory.ensure_user`.

    Raises:
        ProviderError: the provider's.
        sqlalchemy.exc.SQLAlchemyError: the account has an end, which could not be noted. Nothing was done.
    """
    book = jellyfin.resource(AccountBook) if jellyfin.context.database_url else None
    state, began = wanted_state(job, server_now()), time.monotonic()
    if job.expires_at is not None and state is not UserState.DELETED and book is not None:
        # Before the account is touched, so that none stands enabled whose end is not known.
        book.record(job, state)
    try:
        result = jellyfin.ensure_user(
            job.user,
            state,
            job.password,
            policy=job.policy,
            create=job.create,
            take_over=job.take_over is not False,
        )
    except Exception as error:
        if isinstance(error, ProviderError):
            error.attributed(jellyfin.name, jellyfin.type)
        _note(book, job, error)
        raise
    if book is not None:
        _confirm(book, job, state, timedelta(seconds=time.monotonic() - began), exists=result["user_id"] is not None)
    if result["user_id"] is not None or state is not UserState.ENABLED:
        _tell(job, jellyfin, state, created="created" in result["changes"])
    return result


def _tell(job: SyncUser, jellyfin: Jellyfin, state: UserState, *, created: bool) -> None:
    """What the provider has confirmed."""
    if created:
        emit_event(CREATED, provider=jellyfin.name, user=job.user)
    emit_event(f"user.{state.value}", provider=jellyfin.name, user=job.user)


def wanted_state(job: SyncUser, now: datetime) -> UserState:
    """The state to bring about now: a job that waited out an outage must not enable an account past its end."""
    is_over = job.expires_at is not None and job.expires_at <= now
    return UserState.DISABLED if is_over and job.state is UserState.ENABLED else job.state


def _note(book: AccountBook | None, job: SyncUser, error: Exception) -> None:
    """What went wrong is for the record; a database that cannot be reached must not take its place."""
    if book is None:
        return
    try:
        book.tried(job, cleaned(f"{error.code if isinstance(error, ProviderError) else type(error).__name__}: {error}"))
    except Exception as another:
        _log.warning("account_step_not_noted", provider=job.provider, error=type(another).__name__)


def _confirm(book: AccountBook, job: SyncUser, state: UserState, took: timedelta, *, exists: bool) -> None:
    """The provider has done it: a database that cannot be reached is no reason to do it again."""
    try:
        book.confirm(job, state, exists=exists, took=took)
    except Exception as error:  # an account's end is asked for again until it is noted
        _log.warning("account_not_noted", provider=job.provider, state=state.value, error=type(error).__name__)
