"""An address in a job."""

from typing import Annotated

from pydantic import Field

_NEVER = r"@\s\x00-\x1f\x7f<>,;:\""
Address = Annotated[
    str,
    Field(
        min_length=3,
        max_length=320,
        pattern=rf"^(?:(?:[^{_NEVER}=]|=+[^{_NEVER}=?])+=*|=+)@[^{_NEVER}]+$",
    ),
]
"""A bare address, `user@host`: no display name, no line break and no `=?`, so that nothing can be injected into a header."""
