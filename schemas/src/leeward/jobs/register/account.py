"""The `register` family: a person should have an account, whether or not the media server can be reached now."""

from datetime import timedelta
from typing import ClassVar

from pydantic import AwareDatetime

from leeward.jobs.job import Job, ProviderName
from leeward.jobs.priority import Priority
from leeward.jobs.secret import SecretText
from leeward.jobs.sync.user import Policy, UserName


class RegisterAccount(Job):
    """Registers an account in the fleet's account book and brings it about at a media server.

    While the media server cannot be reached, or after it has failed a few tries, the account is approved locally: the result says so, the
    account is `pending_sync`, and a `sync.user` job brings it about when the server is back. Registering again with `approved` is how a
    person approves. Doing it twice is doing it once.
    """

    kind: ClassVar[str] = "register.account"
    version: ClassVar[int] = 1
    family: ClassVar[str] = "register"
    idempotent: ClassVar[bool] = True
    default_priority: ClassVar[Priority] = Priority.INTERACTIVE
    default_deadline: ClassVar[timedelta] = timedelta(hours=1)
    """Someone waits for it. What it could not bring about is not lost then: its `sync.user` job has a deadline of its own."""

    provider: ProviderName = "accounts"
    """The account book's instance."""
    server: ProviderName = "jellyfin"
    """The instance of the media server where the account is to be."""
    user: UserName
    password: SecretText | None = None
    """An account that someone has signed in to is not taken over with a new password."""
    approved: bool = True
    """False: the account is made, and disabled until it is registered again as approved."""
    expires_at: AwareDatetime | None = None
    """When the account is to be disabled by itself."""
    policy: Policy | None = None
    """See `SyncUser`."""
