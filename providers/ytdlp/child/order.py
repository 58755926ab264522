"""What a worker sends to the process that it starts, in one line of JSON on the process' standard input.

Not as arguments: those are shown to every user of the machine, and addresses and proxies may hold secrets.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One run of yt-dlp.

    Attributes:
        arguments: yt-dlp's own.
        folder: where it may write.
        allow_private: whether private and loopback addresses may be connected to.
        proxy: host and port of the only address that is connected to, where there is a proxy.
        ca_file: certificates to trust besides the platform's authorities.
    """

    arguments: tuple[str, ...]
    folder: Path
    allow_private: bool = False
    proxy: tuple[str, int] | None = None
    ca_file: Path | None = None

    def line(self) -> bytes:
        return json.dumps(asdict(self), default=str).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> "Order":
        """Raises ValueError or KeyError for anything that `line` has not written."""
        found = json.loads(line)
        return cls(
            arguments=tuple(found["arguments"]),
            folder=Path(found["folder"]),
            allow_private=found["allow_private"],
            proxy=tuple(found["proxy"]) if found["proxy"] else None,
            ca_file=Path(found["ca_file"]) if found["ca_file"] else None,
        )
