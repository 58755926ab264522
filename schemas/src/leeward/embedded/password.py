"""The password of an embedded server: loopback is open to every account of the machine."""

import os
import secrets
from pathlib import Path


def password_in(file: Path) -> str:
    """The password kept in the file; made and written, readable by its owner only, when there is none."""
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(24))
    return file.read_text()
