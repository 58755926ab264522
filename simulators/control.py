"""The control port of a simulator, beside the port it simulates on: faults in, records out.

`POST /__control/faults`   `{"rules": [...]}` replaces the plan, `{"add": [...]}` appends, `{"reset": true}` ends it
`GET  /__control/faults`   the rules with their hits
`GET  /__control/record`   counts and events; `?event=NAME` for one kind
`GET  /__control/state`    what the simulator holds now
`POST /__control/settings` settings of this simulator, by name
"""

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from simulators.faults import FaultPlan, Rule
from simulators.http_server import Answer, HttpServer, Request
from simulators.record import Record


class Simulator(Protocol):
    """What `python -m simulators` runs."""

    faults: FaultPlan
    record: Record

    @property
    def url(self) -> str:
        """Where it listens, known once it has started."""
        ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def state(self) -> Mapping[str, Any]:
        """What it holds now, as JSON values."""
        ...

    def configure(self, settings: Mapping[str, Any]) -> None:
        """Changes settings while it runs.

        Raises:
            ValueError: a name or a value that it does not know.
        """
        ...


class _FaultsOrder(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: list[Rule] | None = None
    add: list[Rule] = []
    reset: bool = False


class ControlServer:
    """Serves the control port of one simulator."""

    def __init__(self, simulator: Simulator, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._simulator = simulator
        self._server = HttpServer((host, port), self._respond, FaultPlan())

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        self._server.stop()

    def _respond(self, request: Request) -> Answer:
        try:
            match request.method, request.path:
                case "POST", "/__control/faults":
                    self._order(_FaultsOrder.model_validate_json(request.body))
                    return Answer.of_json({"rules": self._simulator.faults.describe()})
                case "POST", "/__control/settings":
                    self._simulator.configure(request.json())
                    return Answer.of_json({})
                case "GET", path:
                    return self._report(path, request.query.get("event"))
        except (ValidationError, ValueError) as error:
            return Answer.of_json({"error": str(error)}, status=400)
        return Answer.of_json({"error": "no such control"}, status=404)

    def _order(self, order: _FaultsOrder) -> None:
        if order.reset:
            self._simulator.faults.reset()
        if order.rules is not None:
            self._simulator.faults.set(*order.rules)
        self._simulator.faults.add(*order.add)

    def _report(self, path: str, event: str | None) -> Answer:
        record = self._simulator.record
        match path:
            case "/__control/faults":
                return Answer.of_json({"rules": self._simulator.faults.describe()})
            case "/__control/record":
                return Answer.of_json({"counts": record.counts(), "entries": record.entries(event)})
            case "/__control/state":
                return Answer.of_json(self._simulator.state())
            case _:
                return Answer.of_json({"error": "no such control"}, status=404)
