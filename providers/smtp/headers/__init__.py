"""Header fields as they are written: what a reader decodes is exactly what was given, and one field never becomes two.

Python's own writer is not used for text that people give. Some patch releases decode encoded words in the value and write their line
breaks (CVE-2024-6923), and all of them drop spaces where they fold (issues 92081 and 144156 of python/cpython).
"""

from providers.smtp.headers.encoded_word import Unwritable
from providers.smtp.headers.field import SEVEN_BIT, Field
from providers.smtp.headers.parameters import disposition
from providers.smtp.headers.phrase import mailbox
from providers.smtp.headers.text import unstructured

__all__ = ["SEVEN_BIT", "Field", "Unwritable", "disposition", "mailbox", "unstructured"]
