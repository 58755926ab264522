"""What a Valkey keeps when its machine dies: ARCHITECTURE.md says what a forgotten second costs."""

from typing import Any

import redis

_LOSES = {
    "always": "appendfsync always: what was accepted is on the disk",
    "everysec": "appendfsync everysec: a power cut or a failover loses up to the last second, jobs and marks of begun effects",
}
_OFF = "the append-only file is off, so a restart loses jobs: set appendonly yes"
_NO = "appendfsync no: a power cut loses what the kernel had not written, usually half a minute; set appendfsync everysec or always"
_UNREADABLE = (
    "the append-only file is on; appendfsync decides what a power cut loses, and the user may not read it (CONFIG GET)"
)


def durability(client: redis.Redis, server: dict[str, Any]) -> tuple[bool, str]:
    """Whether a server's setting is one to run a fleet on, and what it loses.

    Args:
        client: of the server; answers in bytes.
        server: its answer to INFO.

    Raises:
        redis.RedisError: it cannot be asked.
    """
    if not server.get("aof_enabled"):
        return False, _OFF
    try:
        setting = _appendfsync(client)
    except redis.exceptions.ResponseError:  # no permission, or a managed service without CONFIG
        return True, _UNREADABLE
    return setting in _LOSES, _LOSES.get(setting, _NO)


def _appendfsync(client: redis.Redis) -> str:
    found: dict[Any, Any] = client.config_get("appendfsync")
    text = next(iter(found.values()), b"")
    return text.decode() if isinstance(text, bytes) else str(text)
