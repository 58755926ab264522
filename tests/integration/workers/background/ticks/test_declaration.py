"""What is no schedule is refused when the actor is declared."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import dramatiq
import pytest

from broker.broker import LeewardBroker
from middleware.actor_options import InvalidActorOption


@pytest.mark.parametrize(
    "options", [{"periodic": "often"}, {"periodic": "* * * * *", "catch_up": 5}, {"periodic": timedelta(0)}]
)
def test_what_cannot_tick_is_refused_when_it_is_declared(broker: LeewardBroker, options: dict[str, Any]) -> None:
    make: Callable[..., Any] = dramatiq.actor(broker=broker, actor_name="wrong", queue_name="tick", **options)
    with pytest.raises(InvalidActorOption, match="wrong"):
        make(lambda: None)
