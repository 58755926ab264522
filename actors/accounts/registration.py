"""Who registers has an account: at the media server if it answers, in the account book in any case."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from actors.accounts.account_book import AccountBook
from leeward.client import Leeward
from leeward.duration import Duration
from leeward.errors import JobNotFound, LeewardError
from leeward.extension import Extension, Guards, Health, Provider, actor, child_key, current_job, emit_event
from leeward.extension.errors import Busy, Transient
from leeward.jobs.priority import Priority
from leeward.jobs.register.account import RegisterAccount
from leeward.jobs.sync.user import SyncUser, UserState
from leeward.status import JobState, JobStatus

LOOK_AGAIN = timedelta(seconds=1)
REGISTERED = "account.registered"


class AccountsSettings(BaseModel):
    """What `[providers.accounts]` has beside the guards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tries: int = Field(
        3,
        ge=1,
        le=100,
        title="How often the media server is tried before a registration is approved without it",
        description="a whole number from 1 to 100",
    )
    wait: Duration = Field(
        timedelta(seconds=30),
        gt=timedelta(0),
        le=timedelta(hours=1),
        title="The longest that a registration waits for the media server before it is approved without it",
        description="a duration up to 1h",
    )
    sync_within: Duration = Field(
        timedelta(days=7),
        ge=timedelta(minutes=1),
        le=timedelta(days=366),
        title="How long the media server may take to have the account, outages included",
        description="a duration from 1m to 366d",
    )


class Accounts(Provider[AccountsSettings], type="accounts"):
    """The account book of the fleet, in its PostgreSQL."""

    guards: ClassVar[Guards] = {"limit": 20}

    def health(self) -> Health:
        self.resource(AccountBook).answers()
        return Health.healthy()


@actor(RegisterAccount, provider=Accounts, retry_preset="standard", unknown_outcome="rerun")
def register_account(job: RegisterAccount, accounts: Accounts, fleet: Leeward) -> dict[str, Any]:
    """Registers an account. Its result has `user`, `server`, `job` (which brings the account about), `tries` and `approval`:

    - `confirmed`: the server has the account;
    - `here`: it has not yet, for the reason `why`, and the account is `pending_sync`;
    - `waiting`: the account is there or will be, disabled until it is registered as approved;
    - `refused`: the server will never have it, for the reason `why`.

    While it is not decided the job waits without a worker.
    """
    with _in_the_book():
        book = accounts.resource(AccountBook)
        # What an earlier registration still wanted must not come after what this one wants.
        book.register(job, key=child_key("registered"), cancel=partial(_cancel, fleet))
    job_id = _enqueued(job, accounts, fleet)
    with _in_the_book():
        book.enqueued(job, job_id)
    result = _decision(job, fleet.status(job_id), accounts)
    with _in_the_book():
        _note(book, job, result)
    emit_event(REGISTERED, provider=job.server, user=job.user, approval=result["approval"])
    return result


def _cancel(fleet: Leeward, job_id: str) -> None:
    with suppress(JobNotFound):
        fleet.cancel(job_id)


def _enqueued(job: RegisterAccount, accounts: Accounts, fleet: Leeward) -> str:
    """The job that brings the account about: the same one each time that this is asked."""
    wanted = SyncUser(
        provider=job.server,
        user=job.user,
        state=UserState.ENABLED if job.approved else UserState.DISABLED,
        password=job.password,
        expires_at=job.expires_at,
        policy=job.policy,
        create=True,
        take_over=None if job.password is None else False,
    )
    return fleet.enqueue(
        wanted,
        idempotency_key=child_key("account"),
        deadline=accounts.settings.sync_within,
        priority=Priority.INTERACTIVE,
    ).job_id


def _decision(job: RegisterAccount, status: JobStatus, accounts: Accounts) -> dict[str, Any]:
    """What can be said of a registration now.

    Raises:
        Busy: nothing yet; ask again in a moment.
    """
    result = {"user": job.user, "server": job.server, "job": status.job_id, "tries": status.attempts}
    if status.state is JobState.DONE:
        return result | {"approval": "confirmed" if job.approved else "waiting"}
    if status.state is JobState.DEAD and status.reason == "permanent":
        return result | {"approval": "refused", "why": str((status.error or {}).get("message", "refused for good"))}
    why = _why_not_wait(job, status, accounts)
    if why is None:
        message = f"{job.server} is being asked for the account"
        raise Busy(message, operation="register", retry_after=LOOK_AGAIN)
    return result | {"approval": "here" if job.approved else "waiting", "why": why}


def _why_not_wait(job: RegisterAccount, status: JobStatus, accounts: Accounts) -> str | None:
    """Why the server's answer is not waited for; None where it is."""
    if status.state.is_final:
        return f"the job for the account is {status.state.value}: {status.reason or 'no reason kept'}"
    if status.attempts >= accounts.settings.tries:
        return f"{status.attempts} tries at {job.server} failed"
    health = accounts.context.health(job.server)
    if health is not None and not health.ok:
        return f"{job.server} is unhealthy: {health.detail}"
    running = current_job()
    if running is None or datetime.now(UTC) - running.enqueued_at >= accounts.settings.wait:
        return f"{job.server} has not answered in time"
    return None


def _note(book: AccountBook, job: RegisterAccount, result: dict[str, Any]) -> None:
    if result["approval"] == "refused":
        book.refuse(job, result["why"])
    elif job.approved:
        book.approve(job, result["job"], not_confirmed=result.get("why"))


@contextmanager
def _in_the_book() -> Iterator[None]:
    """Raises: Transient: the account book cannot be reached."""
    try:
        yield
    except (LookupError, LeewardError):
        raise
    except Exception as error:
        message = f"the account book cannot be reached: {type(error).__name__}; check LEEWARD_DATABASE_URL"
        raise Transient(message, operation="account_book", unreachable=True) from error


extension = Extension(
    "accounts",
    api=1,
    providers=[Accounts],
    actors=[register_account],
    events={
        REGISTERED: "A registration was decided. Data: provider, user, approval (confirmed, here, waiting, refused).",
    },
    resources=[AccountBook],
)
