"""What must not be seen, and how it is taken out of texts and JSON values.

Four kinds of values are hidden, at any depth: fields that the contract marks as secret, fields whose name is on the list of secret names,
the user information and the listed query parameters of URLs, and the credentials that this process itself uses. Nothing is judged by how
random it looks, so hashes, ETags and ids stay.
"""

from leeward.redaction.credentials import hide_credentials
from leeward.redaction.excerpt import clean_excerpts_with, excerpt
from leeward.redaction.names import add_secret_names, sounds_secret
from leeward.redaction.payload import Hidden, hidden
from leeward.redaction.text import cleaned, cleaned_value

__all__ = [
    "Hidden",
    "add_secret_names",
    "clean_excerpts_with",
    "cleaned",
    "cleaned_value",
    "excerpt",
    "hidden",
    "hide_credentials",
    "sounds_secret",
]
