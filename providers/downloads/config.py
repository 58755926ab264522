"""What an operator decides about downloads."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from providers.http_client.proxy import ProxyAddress

MIB = 1024**2
DEFAULT_FREE_DISK_RESERVE_BYTES = 256 * MIB


@dataclass(frozen=True, kw_only=True, slots=True)
class DownloadConfig:
    """The settings of one downloader.

    Attributes:
        root: the folder that every destination is relative to. It must exist; folders below it are made as needed.
        allow_private_addresses: whether hosts on private, loopback and carrier-grade NAT addresses may be asked.
            Link-local (where clouds keep their metadata), multicast and reserved addresses are refused in any case.
        connect_timeout: for a host's name, for each of its addresses, and again for the TLS handshake.
        read_timeout: from a request to its answer's head, and from each piece of the file to the next, whatever else
            arrives meanwhile.
        begin_timeout: from the first request to the first byte of the file, with all redirects.
        minimum_bytes_per_second: an answer that is slower over a whole `speed_window` is given up, to be resumed later.
            0 turns it off.
        speed_window: over how long the speed is measured.
        resume_at_once_bytes: a connection that breaks off after bringing so much is made again at once, as often as it
            takes. One that brings less ends the delivery, and the next one continues.
        checkpoint_interval: how often the bytes so far are made durable: the work that a crash can cost.
        progress_interval: how often progress is reported.
        chunk_bytes: how much of a file is read at once when it is hashed.
        maximum_redirects: more than these in a row are an error.
        content_types: what hosts may say that files are, as `video/*`, where the job says nothing of it. Empty: anything.
        free_disk_reserve_bytes: a download that would leave less free space on its file system is not begun, or stops.
        ca_file: certificates to trust besides the platform's authorities.
        proxy: where requests are sent through; the environment has no say in it. The proxy resolves host names, so which
            addresses can be reached is for its rules then: only hosts that are written as an address are checked here.
        user_agent: how the fleet introduces itself.
    """

    root: Path
    allow_private_addresses: bool = False
    connect_timeout: timedelta = timedelta(seconds=10)
    read_timeout: timedelta = timedelta(seconds=30)
    begin_timeout: timedelta = timedelta(seconds=120)
    minimum_bytes_per_second: int = 1024
    speed_window: timedelta = timedelta(seconds=60)
    resume_at_once_bytes: int = 64 * 1024
    checkpoint_interval: timedelta = timedelta(seconds=5)
    progress_interval: timedelta = timedelta(seconds=1)
    chunk_bytes: int = MIB
    maximum_redirects: int = 10
    content_types: tuple[str, ...] = ()
    free_disk_reserve_bytes: int = DEFAULT_FREE_DISK_RESERVE_BYTES
    ca_file: Path | None = None
    proxy: ProxyAddress | None = None
    user_agent: str = "leeward"

    def __post_init__(self) -> None:
        """Raises ValueError naming every setting that cannot be."""
        problems = [*self._impossible_durations(), *self._impossible_numbers()]
        if not self.root.is_absolute():
            problems.append(f"root {str(self.root)!r} must be an absolute path")
        if not self.user_agent.isprintable() or not self.user_agent.isascii() or not self.user_agent.strip():
            problems.append("user_agent must be printable ASCII")
        if problems:
            raise ValueError("; ".join(problems))

    def _impossible_durations(self) -> list[str]:
        durations = {
            "connect_timeout": self.connect_timeout,
            "read_timeout": self.read_timeout,
            "begin_timeout": self.begin_timeout,
            "speed_window": self.speed_window,
        }
        waits = {"checkpoint_interval": self.checkpoint_interval, "progress_interval": self.progress_interval}
        return [f"{name} must be longer than zero" for name, value in durations.items() if value <= timedelta()] + [
            f"{name} must not be negative" for name, value in waits.items() if value < timedelta()
        ]

    def _impossible_numbers(self) -> list[str]:
        numbers = {
            "minimum_bytes_per_second": self.minimum_bytes_per_second,
            "maximum_redirects": self.maximum_redirects,
            "resume_at_once_bytes": self.resume_at_once_bytes,
            "free_disk_reserve_bytes": self.free_disk_reserve_bytes,
        }
        problems = [f"{name} must not be negative" for name, value in numbers.items() if value < 0]
        return problems if self.chunk_bytes > 0 else [*problems, "chunk_bytes must be positive"]
