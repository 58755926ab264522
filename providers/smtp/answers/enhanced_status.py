"""Enhanced status codes (RFC 3463, RFC 5248, IANA registry "SMTP Enhanced Status Codes") and what their detail is about."""

import re

_LEADING = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?=\s|$)")

ABOUT_US = frozenset(
    {
        "1.7",  # bad sender's mailbox address syntax
        "1.8",  # bad sender's system address
        "7.10",  # encryption needed
        "7.11",  # encryption required for the authentication mechanism
        "7.14",  # trust relationship required
        "7.20",  # no passing DKIM signature found
        "7.21",  # no acceptable DKIM signature found
        "7.22",  # no valid author-matched DKIM signature found
        "7.23",  # SPF validation failed
        "7.24",  # SPF validation error
        "7.25",  # reverse DNS validation failed
        "7.26",  # multiple authentication checks failed
        "7.27",  # sender address has null MX
        # Exchange and Exchange Online, outside the registry.
        "7.54",  # unable to relay recipient in non-accepted domain
        "7.57",  # client was not authenticated
        "7.60",  # client does not have permissions to send as this sender
        "7.64",  # relay access denied
        "7.501",  # spam abuse detected
        "7.502",  # banned sender
        "7.503",  # banned sender
        "7.509",  # sending domain does not pass DMARC verification
        "7.511",  # banned sender
        "7.705",  # tenant has exceeded threshold
        "7.708",  # traffic not accepted from this IP
        "7.750",  # client blocked from sending from unregistered domains
        *(f"7.{detail}" for detail in range(606, 650)),  # banned sending IP
    }
)
"""Subject and detail of codes that say: not this client, not this sender. Whatever the recipient, the answer is the same."""

ABOUT_THE_RECIPIENT = frozenset(
    {
        "1.1",  # bad destination mailbox address
        "1.2",  # bad destination system address
        "1.3",  # bad destination mailbox address syntax
        "1.6",  # destination mailbox has moved
        "1.10",  # recipient address has null MX
        "2.1",  # mailbox disabled
        "2.2",  # mailbox full
        "2.121",  # receives too much from us
        "2.122",  # receives too much
        "2.4",  # mailing list expansion problem
        "7.17",  # mailbox owner has changed
        "7.18",  # domain owner has changed
        # Exchange Online: a group or a mailbox that takes mail from some senders only.
        *(f"7.{detail}" for detail in range(120, 140)),
    }
)
"""Subject and detail of codes that say: not this recipient. The text beside them does not make it our fault."""

ABOUT_THE_RELAY = frozenset({"3.1", "3.2"})
"""Of permanent codes: the mail system is full, or takes no mail from the network. Most of its codes (`3.0`) stand beside anything."""
SET_UP_WRONG = "3.5"
OF_THE_MAILBOX = frozenset({"2.2", "2.121", "2.122"})
"""An allowance of the recipient's: full, or receives too much (Exchange Online)."""
MAY_PASS_FOR_THE_RECIPIENT = frozenset({"2.0", "7.1"})
"""Of temporary codes: a mailbox, or a policy such as greylisting."""
ABOUT_THE_SIZE = frozenset({"2.3", "3.4"})


def enhanced(text: str) -> str | None:
    """The enhanced status code at the beginning of a reply's text, as `4.7.1`."""
    found = _LEADING.match(text)
    return None if found is None else found[0]


def detail(text: str) -> str:
    """Subject and detail of the code at the beginning of a reply's text, as `7.1`; empty without one."""
    return (enhanced(text) or "").partition(".")[2]
