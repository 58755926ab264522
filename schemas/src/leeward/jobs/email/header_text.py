"""Text for one line of a header."""

from typing import Annotated

from pydantic import Field

UNWRITABLE = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufdd0-\ufdef\ufffe\uffff"
HeaderText = Annotated[str, Field(max_length=998, pattern=rf"^[^{UNWRITABLE}]*$")]
"""One line of text for a header (RFC 5322 §2.1.1 gives the length). Some readers break lines at U+0085, U+2028 and U+2029."""
