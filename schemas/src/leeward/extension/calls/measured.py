"""What a call of a provider came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasuredCall:
    """One call that has ended. None of it is a value of a job, or a secret.

    Attributes:
        provider: the instance's name.
        operation: what was called, as the client names it.
        outcome: `ok`, or what the client calls it; the condition of the provider's error in lower case, as `timeout`; `error` for any
            other exception; `cancelled`.
        seconds: how long it took.
        code: the error's, as `ACME_TIMEOUT`; empty where there was none.
        status: the protocol's code of the error, or None.
    """

    provider: str
    operation: str
    outcome: str
    seconds: float
    code: str = ""
    status: int | None = None
