"""Values that the settings of several providers have. Each check raises ValueError with what to write instead, and repeats no secret."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, Field, SecretStr

from leeward.extension import Duration
from providers.http_client.proxy import proxy_address
from providers.trust import CaFileInvalid, trust


def _web_url(url: str) -> str:
    parts = _split(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not a web address; write https://host or https://host/path")
    if parts.username or parts.query or parts.fragment:
        raise ValueError(
            "holds more than an address; write https://host or https://host/path, and the token on its own"
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is not a number
    except ValueError:
        raise ValueError("is not a URL; write https://host or https://host/path") from None
    return parts


def _absolute(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError(
            "is not an absolute path; write it from the root, so that it does not depend on the current folder"
        )
    return path


def _ca_file(path: Path) -> Path:
    # Loaded, so that a file that cannot be used is reported at start and by `leeward check`.
    try:
        trust(_absolute(path))
    except CaFileInvalid as error:
        raise ValueError(f"cannot be used: {error}") from None
    return path


def _proxy_url(url: SecretStr) -> SecretStr:
    proxy_address(url.get_secret_value())
    return url


WebUrl = Annotated[str, AfterValidator(_web_url)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
CaFile = Annotated[Path, AfterValidator(_ca_file)]
ProxyUrl = Annotated[SecretStr, AfterValidator(_proxy_url)]
Timeout = Annotated[Duration, Field(gt=timedelta(0), le=timedelta(hours=1))]
"""How long one step, or one call, may take."""
