"""What a Valkey server says when it does not do as asked, in sentences that say what to do."""

from collections.abc import Mapping
from types import MappingProxyType

import redis

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "OOM": "Valkey is full: its memory has reached maxmemory, and it takes no new jobs until there is room. Let the workers drain the "
        "queues, raise maxmemory, or give the provider that fills it a max_waiting; the check of the installation says how full it is",
        "MISCONF": "Valkey takes no writes because it could not save to disk: make room on its disk or correct permissions, and read its "
        "log; it takes writes again after the next save that succeeds",
        "READONLY": "this Valkey is a replica and takes no writes: after a failover connect again, or point the address at the primary",
        "NOREPLICAS": "Valkey takes no writes because fewer replicas are connected than min-replicas-to-write asks for: bring a replica "
        "back, or lower that setting",
        "LOADING": "Valkey has just started and still loads its data: wait until it has, then repeat the call",
        "BUSY": "another client's script keeps Valkey busy: wait until it has ended, or stop it with SCRIPT KILL",
        "MASTERDOWN": "this Valkey is a replica that has lost its primary: bring the primary back, or point the address at the new one",
        "CLUSTERDOWN": "the Valkey cluster does not serve this slot: look at CLUSTER INFO and bring the missing node back",
        "TRYAGAIN": "the Valkey cluster is moving this slot to another node: repeat the call when it has",
        "MOVED": "this node of a Valkey cluster does not have this slot: give the address of one that answers for all slots",
        "ASK": "the Valkey cluster is moving this slot to another node: repeat the call when it has",
        "NOAUTH": "Valkey asks for a user and a password: write them into the address",
        "WRONGPASS": "Valkey refuses the user or the password of the address: correct them",
        "NOPERM": "the Valkey user of the address lacks a permission: give it the one that is named, as the documentation lists them",
        "MAXCLIENTS": "Valkey has as many connections as its maxclients allows: raise it, or run fewer processes",
    }
)
"""By the code that the server's answer begins with."""

_TOO_MANY = "max number of clients reached"


def code_of(error: BaseException) -> str:
    """The code of a server's refusal, as `OOM`; empty for an error that is none, as a connection that broke."""
    if not isinstance(error, redis.RedisError):
        return ""
    text = str(error)
    if text.removeprefix("ERR ") == _TOO_MANY:
        return "MAXCLIENTS"
    # redis-py takes the codes that it knows out of the text, and leaves the others there.
    code = getattr(error, "status_code", None) or text.partition(" ")[0]
    return code if code in ADVICE else ""


def sentence(error: BaseException) -> str:
    """The error for a person: what the server refuses and what to do about it, then the server's own words."""
    code = code_of(error)
    return f"{ADVICE[code]} (Valkey says: {error})" if code else str(error)
