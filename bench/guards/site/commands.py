"""What clients ask of the server."""

import time

import redis

END = "that was it"


def commands_per_second(client: redis.Redis, seconds: float) -> float:
    """How many commands all clients sent, those inside scripts left out. Listens to MONITOR, as INFO does not distinguish them."""
    count = 0
    with client.monitor() as monitor:
        time.sleep(seconds)
        client.echo(END)
        for command in monitor.listen():
            if END in command["command"]:
                return count / seconds
            count += command["client_type"] != "lua"
    raise ConnectionError("MONITOR ended before the measurement did")


def script_calls(client: redis.Redis) -> int:
    """How many scripts have been run since the server's statistics were reset."""
    stats = client.info("commandstats")
    return sum(stats.get(f"cmdstat_{name}", {}).get("calls", 0) for name in ("evalsha", "eval"))
