"""A test during which Dramatiq logs at CRITICAL fails, unless it says that it expects that."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import RunningProcess

CONFTEST = "from tests.conftest import _no_critical_log_from_dramatiq, pytest_configure\n"
TESTS = """
import logging
import pytest

def shout():
    logging.getLogger("dramatiq.broker.Broker").critical("swallowed", exc_info=ValueError("the reason"))

def test_silent():
    logging.getLogger("dramatiq.broker.Broker").error("not that loud")

def test_loud():
    shout()

@pytest.mark.expects_critical_logs
def test_expected():
    shout()
"""


def test_a_critical_record_fails_the_test_that_did_not_expect_it(
    start_process: Callable[..., RunningProcess], tmp_path: Path
) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_logs.py").write_text(TESTS)

    options = ["-c", "/dev/null", "--rootdir", tmp_path, "-p", "no:cacheprovider", "-rA"]
    process = start_process([sys.executable, "-m", "pytest", *options, tmp_path])

    assert process.wait(60) == 1
    assert "3 passed, 1 error" in process.output
    assert re.search("^ERROR .*test_logs.py::test_loud", process.output, re.MULTILINE)
    assert "Dramatiq logged at CRITICAL:" in process.output
    assert "ValueError: the reason" in process.output
