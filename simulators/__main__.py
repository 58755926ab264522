"""`python -m simulators NAME`: runs one simulator until SIGTERM or SIGINT.

Prints one JSON line when it is ready: `{"simulator": "jellyfin", "url": "http://...", "control": "http://..."}`.
"""

import argparse
import importlib
import json
import signal
import sys
import threading
from pathlib import Path

from simulators.control import ControlServer, Simulator
from simulators.faults import FaultPlan
from simulators.record import Record

NAMES = ("jellyfin", "mail", "files", "kuma", "plex", "plextv", "seerr", "telegram", "webhook")
"""Each is a folder of this package whose `server.py` has `create(host, port, faults, record, settings) -> Simulator`."""


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    stopped = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopped.set())
    with Record(options.record) as record:
        simulator: Simulator = importlib.import_module(f"simulators.{options.name}.server").create(
            options.host, options.port, FaultPlan(), record, options.settings
        )
        control = ControlServer(simulator, host=options.host, port=options.control_port)
        simulator.start()
        control.start()
        ready = {"simulator": options.name, "url": simulator.url, "control": control.url}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        stopped.wait()
        control.stop()
        simulator.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulators", description="A simulated provider that misbehaves on request."
    )
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 (the default) takes a free one")
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--record", type=Path, help="file that gets every event as a JSON line, at once")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON object; see the simulator's Settings")
    return parser


if __name__ == "__main__":
    main()
