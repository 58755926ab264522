"""Runs the producer: another service, in an environment of its own that has only the `leeward` wheel."""

import json
from pathlib import Path

from console.cli.exit_code import Failed
from demo import scenario
from demo.accounting.orders import Orders, read
from demo.pace import Pace
from demo.processes.child import ROOT, Child
from demo.processes.environment import Environment

PYTHON = ROOT / ".venv-producer" / "bin" / "python"
_SCRIPT = Path(__file__).with_name("producer.py")


def enqueue_all(stage: Environment, pace: Pace) -> Orders:
    """What it asked for.

    Raises:
        Failed: it could not.
    """
    check()
    order = scenario.order(pace, valkey_url=stage.valkey_url, files_url=stage.files.url)
    # Isolated: neither its folder nor PYTHONPATH lends it anything of ours.
    command: list[str | Path] = [PYTHON, "-I", _SCRIPT]
    with Child("producer", command, log=stage.folder / "producer.log", env=stage.env) as producer:
        producer.tell(json.dumps(order))
        lines = list(producer.answers)
        if producer.wait():
            raise Failed(f"the producer failed: {producer.last_words()}")
    return read(lines)


def check() -> None:
    """Raises: Failed: there is no environment for the producer."""
    if not PYTHON.exists():
        raise Failed(
            "the producer's environment is missing: use script/demo, or run `python3 script/environment.py producer`"
        )
