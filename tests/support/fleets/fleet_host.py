"""A worker host of a test, as an operator sees it: processes, HTTP answers, log lines."""

import json
import os
import signal
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.support.processes import RunningProcess, is_alive
from tests.support.waiting import wait_until

BOOT_SECONDS = 120.0  # on a machine that has other work; two seconds otherwise


class Host:
    """One `leeward worker` process with the worker processes it keeps."""

    def __init__(self, process: RunningProcess) -> None:
        self.process = process
        self._address = ""

    def wait_until_ready(self) -> "Host":
        try:
            wait_until(lambda: self.get("/health/ready")[0] == 200, description="a ready host", timeout=BOOT_SECONDS)
        except AssertionError as late:
            late.add_note(f"It answers: {self.get('/health/ready')}. Its log ends:\n{self.process.output[-6000:]}")
            raise
        return self

    def get(self, path: str) -> tuple[int, str]:
        """Status and body."""
        if not self._address:
            line = self.process.wait_for_output('"host_serves"', timeout=BOOT_SECONDS)
            self._address = urlsplit(json.loads(line)["metrics"]).netloc
        connection = HTTPConnection(self._address, timeout=15)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def problems(self) -> list[str]:
        """What `/health/ready` complains of."""
        status, body = self.get("/health/ready")
        found: list[str] = json.loads(body).get("problems", [])
        assert (status == 503) == bool(found)
        return found

    def metric(self, name: str, **labels: str) -> float:
        """The sum of all samples of a name that have these labels, the host's or the fleet's."""
        samples = self._samples("/metrics", name) or self._samples("/metrics/fleet", name)
        return sum(sample.value for sample in samples if labels.items() <= sample.labels.items())

    def _samples(self, page: str, name: str) -> list[Sample]:
        status, body = self.get(page)
        assert status == 200, body
        families = text_string_to_metric_families(body)
        return [sample for family in families for sample in family.samples if sample.name == name]

    def workers(self) -> list[int]:
        """The process ids of its worker processes."""
        if not is_alive(self.process.pid):
            return []
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in listed.split() if is_alive(int(pid))]

    def log_lines(self) -> list[dict[str, Any]]:
        """Every line that the host and its processes wrote; fails when one is no JSON object."""
        return [json.loads(line) for line in self.process.output.splitlines(keepends=True) if line.endswith("\n")]

    def events(self, name: str, **facts: Any) -> list[dict[str, Any]]:
        """The log lines of one event that say this."""
        return [line for line in self.log_lines() if line.get("event") == name and facts.items() <= line.items()]

    def kill_whole(self) -> None:
        """SIGKILL to the host and all its processes, as when the machine goes down."""
        if self.process.returncode is None:
            self.process.send(signal.SIGSTOP)  # or it would start new ones
            for pid in self.workers():
                os.kill(pid, signal.SIGKILL)
            self.process.kill()

    def clean_up(self) -> None:
        """Leaves nothing, whatever the test did to it."""
        self.kill_whole()
        with suppress(json.JSONDecodeError):
            for line in self.events("process_started"):
                if b"workers.processes.worker" in _command(line["pid"]):
                    os.kill(line["pid"], signal.SIGKILL)
        self.process.clean_up()


def _command(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""
