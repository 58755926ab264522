"""What a job does: a plain function of the job and of the provider instance that serves it."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Generic, Literal, ParamSpec, TypeVar, overload

from leeward.client import Leeward
from leeward.extension.declared import Declared
from leeward.extension.provider import Provider
from leeward.jobs.job import Job

Args = ParamSpec("Args")
Result = TypeVar("Result")
J = TypeVar("J", bound=Job)
P = TypeVar("P", bound=Provider[Any])

UnknownOutcome = Literal["rerun", "verify", "park"]


class Actor(Declared[Args, Result], Generic[Args, Result, J, P]):
    """The actor of a kind of job, at every instance of a provider class.

    Attributes:
        job: the model; its `kind` is the actor's name.
        verification: says whether an interrupted effect happened; None where there is none.
    """

    def __init__(
        self,
        function: Callable[Args, Result],
        *,
        job: type[J],
        provider: type[P],
        retry_preset: str,
        unknown_outcome: UnknownOutcome,
        time_limit: timedelta | None,
        accepts: Sequence[type[Job]],
    ) -> None:
        super().__init__(function, "a job", "a provider")
        self.job = job
        self.provider = provider
        self.retry_preset = retry_preset
        self.unknown_outcome = unknown_outcome
        self.time_limit = time_limit
        self.accepts = tuple(accepts)
        self.verification: Callable[[J, P], bool] | None = None

    def verify(self, function: Callable[[J, P], bool]) -> Callable[[J, P], bool]:
        """Names the function that says whether the effect of an interrupted delivery happened: True means that the job is done.

        Raises:
            TypeError: there is one already.
        """
        if self.verification is not None:
            raise TypeError(f"{self.__name__} has a verification already: {self.verification.__name__}")
        self.verification = function
        return function


class _Bind(Generic[J, P]):
    """What `@actor(...)` returns: two overloads, so that type checkers keep the signature of either shape of function."""

    def __init__(self, **declared: Any) -> None:
        self._declared = declared

    @overload
    def __call__(self, function: Callable[[J, P], Result], /) -> Actor[[J, P], Result, J, P]: ...
    @overload
    def __call__(self, function: Callable[[J, P, Leeward], Result], /) -> Actor[[J, P, Leeward], Result, J, P]: ...
    def __call__(self, function: Callable[..., Any], /) -> Any:
        return Actor(function, **self._declared)


def actor(
    job: type[J],
    *,
    provider: type[P],
    retry_preset: str = "standard",
    unknown_outcome: UnknownOutcome = "rerun",
    time_limit: timedelta | None = None,
    accepts: Sequence[type[Job]] = (),
) -> _Bind[J, P]:
    """Declares what a kind of job does at a provider. The function takes the job, the instance that serves it and, if it wants to enqueue,
    a client as a third argument; what it returns, a JSON value, is the job's result. It raises the errors of `leeward.extension.errors` to
    say what went wrong.

        @actor(SyncInvoice, provider=Acme, retry_preset="quick", unknown_outcome="verify")
        def sync_invoice(job: SyncInvoice, acme: Acme) -> dict[str, object]: ...

    Args:
        job: the model. Each configured instance gets a queue of the job's family.
        provider: the class.
        retry_preset: how often and how patiently it is tried again; the settings of an instance or of the actor override it
            (`docs/configuration.md`, "Retries").
        unknown_outcome: what to do when a delivery ended without a result after `begin_effect`: run it again, ask `.verify`, or park the
            job for a person.
        time_limit: how long one delivery may take; where it is not given, the provider's `longest_call`, then the fleet's own limit.
        accepts: older versions of the kind whose jobs may still wait. Each says what it means in the newer one: `Job.upgraded`.
    """
    return _Bind(
        job=job,
        provider=provider,
        retry_preset=retry_preset,
        unknown_outcome=unknown_outcome,
        time_limit=time_limit,
        accepts=accepts,
    )
