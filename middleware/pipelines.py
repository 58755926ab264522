"""Ring: Dramatiq's pipelines, for the messages that are part of one."""

from typing import Any

import dramatiq
from dramatiq import middleware
from dramatiq.broker import MessageProxy


class Pipelines(middleware.Pipelines):
    """Leaves messages without a next step alone. Dramatiq's own hook imports a module for each of them before it looks.

    Failure stance: asks no backend; the next step is enqueued as Dramatiq does it.
    """

    def after_process_message(
        self,
        broker: dramatiq.Broker,
        message: MessageProxy,
        *,
        result: Any = None,
        exception: BaseException | None = None,
    ) -> None:
        if message.options.get("pipe_target") is not None:
            super().after_process_message(broker, message, result=result, exception=exception)  # type: ignore[no-untyped-call]
