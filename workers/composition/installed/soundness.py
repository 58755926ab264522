"""Whether an extension is what it declares, as far as type checkers cannot check it. Each check returns what is wrong and what to do, or
None.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from inspect import isabstract, isclass
from typing import Any

from pydantic import BaseModel

from broker.guards.config import GuardConfig, ImpossibleGuard
from broker.periodic.schedule import schedule_of
from leeward.extension import (
    API,
    Actor,
    Extension,
    Handler,
    Periodic,
    Provider,
    RecoveryAction,
    Resource,
    WebhookReader,
)
from leeward.extension.declared import Declared
from leeward.extension.events.handler import is_event_name
from leeward.extension.events.pattern import is_pattern, patterns
from leeward.jobs.job import Job
from leeward.jobs.queue_name import is_queue_part
from middleware.idempotency.policy import UnknownOutcome
from middleware.ticks import catch_up_of
from workers.composition.provider_type import GUARDS, RESERVED

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_KIND = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_SHORTEST_LIMIT = timedelta(milliseconds=1)
_ADVICE = "use lower-case letters, digits, '-' and '_'"


def problem_of(extension: object) -> str | None:
    """The first thing that is wrong with an extension by itself; None when it can be used."""
    if not isinstance(extension, Extension):
        return f"the entry point names a {type(extension).__name__}, not an Extension; name the object that Extension(...) made"
    if extension.api != API:
        newer = "install a newer Leeward" if extension.api > API else "install a newer release of the extension"
        return f"it is written for api {extension.api}, and this Leeward knows api {API}; {newer}"
    return next((why for why in _problems(extension) if why), None)


def _problems(extension: Extension) -> Iterator[str | None]:
    yield None if _NAME.fullmatch(extension.name) else f"{extension.name!r} cannot be its name; {_ADVICE}"
    yield from map(_guarded(_provider), extension.providers)
    yield from map(_guarded(_actor), extension.actors)
    yield from map(_guarded(_periodic), extension.periodic)
    yield from map(_guarded(_handler), extension.handlers)
    yield from map(_guarded(_webhook), extension.webhooks)
    yield from map(_guarded(_recovery), extension.recovery)
    yield from map(_resource, extension.resources)
    yield from map(_event, extension.events)


def _guarded(check: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    """Type checkers are advice: an author without one writes what a check does not expect."""

    def checked(part: Any) -> str | None:
        try:
            return check(part)
        except (AttributeError, TypeError) as error:
            return f"{part!r} is not what belongs there: {error}"

    return checked


def _provider(provider: Any) -> str | None:
    if not (isclass(provider) and issubclass(provider, Provider)):
        return f"{provider!r} is among its providers and is no Provider class"
    name, kind = provider.__name__, getattr(provider, "type", None)
    if not isinstance(kind, str) or not _NAME.fullmatch(kind):
        return f'{name} has no type that can be used; write class {name}(Provider[...], type="acme"), and {_ADVICE}'
    if isabstract(provider):
        return f"{name} lacks {', '.join(sorted(provider.__abstractmethods__))}(); a worker calls it"
    return _settings(name, getattr(provider, "settings_type", None)) or _guards(name, provider)


def _settings(name: str, model: type[BaseModel] | None) -> str | None:
    if model is None:
        return f"{name} names no settings; write class {name}(Provider[YourSettings]) with a pydantic model"
    taken = sorted(model.model_fields.keys() & (RESERVED | GUARDS))
    return (
        f"{model.__name__}.{taken[0]} has the name of a setting that every provider has; rename it" if taken else None
    )


def _guards(name: str, provider: type[Provider[Any]]) -> str | None:
    try:
        GuardConfig().changed(**provider.guards)
    except (ImpossibleGuard, TypeError) as error:
        return f"{name}.guards cannot be used: {error}"
    return None


def _actor(one: Any) -> str | None:
    if not isinstance(one, Actor):
        return f"{one!r} is among its actors and was not made by @actor"
    if one.unknown_outcome not in set(UnknownOutcome):
        return f"{one.__name__}: there is no unknown_outcome {one.unknown_outcome!r}; choose one of {', '.join(UnknownOutcome)}"
    if (one.unknown_outcome == "verify") != (one.verification is not None):
        return f"{one.__name__}: unknown_outcome='verify' and @{one.__name__}.verify belong together"
    jobs = (one.job, *one.accepts)
    return next((why for why in map(_job, jobs) if why), None) or _versions(one) or _time_limit(one) or _arguments(one)


def _job(job: Any) -> str | None:
    if not (isclass(job) and issubclass(job, Job)):
        return f"{job!r} is no kind of job; derive it from leeward.Job"
    lacks = [name for name in ("kind", "version", "family") if not hasattr(job, name)]
    if lacks:
        return f"{job.__name__} lacks {', '.join(lacks)}"
    if not _KIND.fullmatch(job.kind):
        return f"{job.__name__}: {job.kind!r} cannot be the name of a kind; {_ADVICE}, with dots between words"
    if not is_queue_part(job.family):
        return f"{job.__name__}: {job.family!r} cannot be part of a queue's name; {_ADVICE}"
    return None


def _versions(one: Actor[..., Any, Any, Any]) -> str | None:
    for older in one.accepts:
        if older.kind != one.job.kind or older.version >= one.job.version:
            return f"{one.__name__} accepts {older.__name__}, which is no older version of {one.job.kind}@{one.job.version}"
        if older.upgraded is Job.upgraded:
            return f"{older.__name__} lacks upgraded(): it returns the same work as a {one.job.__name__}"
    return None


def _time_limit(one: Actor[..., Any, Any, Any]) -> str | None:
    if one.time_limit is None or one.time_limit >= _SHORTEST_LIMIT:
        return None
    return (
        f"{one.__name__}: time_limit is how long one delivery may take, a timedelta above zero, not {one.time_limit!r}"
    )


def _periodic(one: Any) -> str | None:
    if not isinstance(one, Periodic):
        return f"{one!r} is among its periodic actors and was not made by @periodic"
    try:
        schedule_of(one.schedule)
        catch_up_of({"catch_up": one.catch_up})
    except ValueError as error:
        return f"{one.__name__}: {error}"
    return _arguments(one)


def _handler(one: Any) -> str | None:
    if not isinstance(one, Handler):
        return f"{one!r} is among its handlers and was not made by @on"
    for event in patterns(one.event):
        if not is_pattern(event):
            return f"{one.__name__}: {event!r} is no type of event; write one as user.disabled, or user.* for all that begin so"
    return _arguments(one)


def _webhook(one: Any) -> str | None:
    if not isinstance(one, WebhookReader):
        return f"{one!r} is among its webhooks and was not made by @on_webhook"
    return (
        None
        if one.takes == len(one.needed)
        else f"{one.__name__} takes {one.takes} arguments, not a webhook and a provider"
    )


def _recovery(one: Any) -> str | None:
    if not isinstance(one, RecoveryAction):
        return f"{one!r} is among its recovery actions and was not made by @recovery_action"
    if one.takes != len(one.needed):
        return f"{one.__name__} takes {one.takes} arguments; it is called with {' and '.join(one.needed)}"
    if one.pause < timedelta(0):
        return f"{one.__name__}: pause is a timedelta of zero or more, not {one.pause!r}"
    return None


def _resource(one: Any) -> str | None:
    if isclass(one) and issubclass(one, Resource):
        return None
    return f"{one!r} is among its resources and is no Resource class"


def _event(name: object) -> str | None:
    return None if is_event_name(name) else f"{name!r} is no type of event; write one as invoice.paid"


def _arguments(one: Declared[..., Any]) -> str | None:
    if one.takes == len(one.needed) or one.wants_client:
        return None
    called_with = " and ".join(one.needed) or "no argument"
    return f"{one.__name__} takes {one.takes} arguments; it is called with {called_with} and, if it takes one more, a client"
