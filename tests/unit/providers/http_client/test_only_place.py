"""HTTP clients and TLS contexts are made in one place each: whatever is made elsewhere reads the environment and has no bounds."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[4]
FOLDERS = ("actors", "broker", "leeward_admin", "middleware", "providers", "schemas/src", "storage", "workers")
MADE_ELSEWHERE = re.compile(
    r"httpx\.(Client|AsyncClient|get|post|put|request|stream|create_ssl_context)\("
    r"|urllib\.request|from urllib import request|http\.client|^\s*(import|from) requests\b"
    r"|ssl\.(create_default_context|_create_unverified_context)|load_default_certs|set_default_verify_paths"
    r"|httpcore\.(ConnectionPool|HTTPProxy|SOCKSProxy)\(",
    re.MULTILINE,
)
ALLOWED = {
    "providers/http_client/pool.py": "httpcore.ConnectionPool(",
    "providers/trust.py": "ssl.create_default_context",  # says why it does not use it
}


def test_no_client_is_made_elsewhere() -> None:
    found = {}
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*.py"):
            name = str(path.relative_to(ROOT))
            made = {match[0] for match in MADE_ELSEWHERE.finditer(path.read_text())} - {ALLOWED.get(name)}
            if made:
                found[name] = made

    assert found == {}
