"""What a simulated Jellyfin answers while it is not, or not yet, a whole server."""

from enum import StrEnum
from typing import Any

from simulators.http_server import Answer
from simulators.jellyfin.accounts import SERVER_ID


class Mode(StrEnum):
    RUNNING = "running"
    SETUP = "setup"
    """The setup server, during migrations: health 200 `Degraded`, all else 503 with `Retry-After: 005`."""
    LOADING = "loading"
    """The core is starting: 503 with a page and no `Retry-After`."""
    BLOCKED = "blocked"
    """The address filter: 503 with nothing."""
    FAILED = "failed"
    """After a failed start: health 503 `Unhealthy`."""


_SETUP_SERVER = Answer(503, b"<html><body>Starting</body></html>", "text/html", {"Retry-After": "005"})
_LOADING = Answer(503, b"Jellyfin Server is loading. Please try again shortly.", "text/html")
_BLOCKED = Answer(503)


def while_starting(mode: Mode, path: str) -> Answer | None:
    """The answer that a mode other than running gives to any request; None when the server itself answers."""
    if mode in {Mode.SETUP, Mode.FAILED}:
        return _from_the_setup_server(mode, path)
    return {Mode.LOADING: _LOADING, Mode.BLOCKED: _BLOCKED}.get(mode)


def _from_the_setup_server(mode: Mode, path: str) -> Answer:
    if path == "/health":
        return Answer.of_text("Degraded") if mode is Mode.SETUP else Answer.of_text("Unhealthy", 503)
    if path == "/System/Info/Public":
        return Answer.of_json(public_info(started=False))
    return _SETUP_SERVER


def public_info(*, started: bool, version: str = "10.11.11") -> dict[str, Any]:
    """`/System/Info/Public`. Not `started` reads like a fresh install, also on a server that has run for years."""
    return {
        "ServerName": "simulated",
        "Version": version,
        "ProductName": "Jellyfin Server",
        "Id": SERVER_ID,
        "StartupWizardCompleted": started,
    }


def info(*, version: str) -> dict[str, Any]:
    """`/System/Info`, which only someone with a key sees."""
    return {
        **public_info(started=True, version=version),
        "LocalAddress": "http://127.0.0.1:8096",
        "OperatingSystem": "",
        "OperatingSystemDisplayName": "",
        "HasPendingRestart": False,
        "IsShuttingDown": False,
        "SupportsLibraryMonitor": True,
        "WebSocketPortNumber": 8096,
        "CompletedInstallations": [],
        "CanSelfRestart": True,
        "CanLaunchWebBrowser": False,
        "CastReceiverApplications": [],
        "HasUpdateAvailable": False,
        "EncoderLocation": "System",
        "SystemArchitecture": "X64",
    }
