"""What mail servers write beside a refusal, by what it is about.

Codes alone are not enough: daily quotas come as 550 and 554, and a refused client gets its answer at RCPT, as if about the recipient. The
phrases are those of Postfix, Exim, OpenSMTPD, Sendmail, qmail, Exchange, Gmail, Amazon SES and other large senders;
`tests/unit/providers/smtp/known_replies.py` has whole replies with their sources.
"""

import re

_LINE_CODES = re.compile(r"(?<=\n)\s*[245]\.\d{1,3}\.\d{1,3}(?=\s)")
_ADDRESS = re.compile(r'<[^<>@]{0,320}@[^<>@]{0,320}>|"[^"]{1,320}"@\S{1,320}|[^\s<>]{1,320}@[^\s<>:,;]{1,320}')
LONGEST = 2048
"""Characters of a reply that are read for its meaning: a server may send half a megabyte, and the patterns take their time."""
_RECIPIENT_PREFIX = re.compile(r"recipient address rejected: ?")


def folded(text: str) -> str:
    """A reply's text as the patterns expect it: one line, lower case, without the codes that begin its further lines, and without
    addresses: a person who chooses the recipient `rate-limit@example.org` must not choose what its refusal means.
    """
    line = (
        " ".join(_ADDRESS.sub("<>", _LINE_CODES.sub(" ", text[:LONGEST])).split())
        .lower()
        .replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    )
    return _RECIPIENT_PREFIX.sub("", line)  # Postfix says so also when a policy refuses the client


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases))


_PERIOD = r"(?:hour|day|week|month)"
_PERIODIC = r"(?:daily|hourly|weekly|monthly|24[ -]?hour)"
_OUTWARD = r"(?:sending|send|sent|outgoing|outbound|outmail|relay|submission|mailing|mail|message|e-?mail)"
_MAILS = r"(?:e-?mails?|mails?|messages?|recipients?)"
_ALLOWANCE = r"(?:limit|quota|allowance)s?"
_REFUSED = r"(?:denie[ds]|denine?d|rejected|refused|blocked|banned|prohibited|disallowed|forbidden|invalid)"
_NOT_LET = r"(?:not (?:be )?(?:allowed|permitted|authori[sz]ed|accepted|verified|valid)|unverified|unauthori[sz]ed)"
_OURS = r"(?:your|this|that|the|sending|client|source|connecting)"
_LISTS = r"(?:spamhaus|spamcop|barracuda|sorbs|uceprotect|abuseat|dnsbl|rbl|block ?list|black ?list)"

GREYLISTING = _any(r"gr[ae]y[ -]?list")

ABOUT_THE_RECIPIENT = _any(
    # A mailbox that is full, whatever the word for it.
    r"over ?quota|(?:disk|storage) quota|out of storage",
    r"(?:mailbox|inbox) .{0,40}(?:full|size limit|quota)",
    r"mailbox (?:is )?(?:full|over)|quota exceeded \(mailbox",
    r"(?:user|recipient|account)(?:'s)? (?:mailbox )?(?:is )?(?:full|over) ",
    # A mailbox that receives too much.
    r"receiving (?:mail|messages) (?:too quickly|at a rate)|receiv(?:e|ing) (?:limit|quota)",
    r"recipient(?:'s)? (?:thread|mailbox|message rate) limit exceeded",
    # A group or a mailbox that takes mail from some senders only.
    r"resolver\.(?:rst|adr)\.",
    r"(?:send|sending|mail|email|messages) to (?:this|the) (?:recipient|group|mailbox|user|distribution|mailing list|list|address)\b",
    r"(?:account|mailbox|user|address) (?:that )?you (?:tried|are trying) to (?:reach|contact)",
)
"""Tried before everything below: these phrases contain words of theirs, too."""

RATE = _any(
    r"sending (?:\w+ )?too (?:fast|quickly|many)|slow down|too fast\b|too frequent",
    r"frequency limit|rate[ -]?limit|rate (?:over ?limit|exceeded)|sending rate|throttl(?:ed|ing)",
    r"too (?:much mail|many recipients) from|peak smtp relay limit",
    r"\[tss?\d+\]",
)
"""We are asked to slow down."""

PERIODIC_QUOTA = _any(rf"{_PERIODIC} .{{0,40}}(?:{_ALLOWANCE}|maximum)")

QUOTA = _any(
    rf"{_OUTWARD} (?:\w+ ){{0,2}}{_ALLOWANCE} .{{0,30}}(?:exceed|reach|used up)",
    rf"(?:exceed\w*|reached|over|used up) .{{0,40}}(?:{_OUTWARD}|{_PERIODIC}|{_PERIOD}) .{{0,20}}{_ALLOWANCE}",
    rf"(?:exceed\w*|reached|too many) .{{0,60}}\b(?:per|this|an?|in the last)[ -]{_PERIOD}",
    rf"{_MAILS} (?:per|a|every) {_PERIOD} .{{0,20}}(?:exceed|reach|limit)",
    rf"(?:only|limit of|limited to|maximum of|max) \d+ {_MAILS} (?:per|a|every) {_PERIOD}",
    r"your (?:\w+ ){0,2}quota\b|outgoing (?:\w+ )?quota|quotaexceeded",
    rf"{_ALLOWANCE} (?:on|for|of) (?:\w+ ){{0,4}}(?:outgoing|outbound|sent|sending) .{{0,30}}(?:exceed|reach)",
    r"(?:maximum |no |insufficient |out of )(?:remaining )?credits?\b",
    r"(?:recipient|message|send|sending) limit exceeded|exceed(?:ed|s)? (?:\w+ )?(?:sending|send|recipient|message) limit",
    # Not of one session, which another one cures.
    r"too many (?:e-?mails?|mails?|messages?)(?: today| sent today)?\W*(?:$|\(|please|try)",
)
"""An allowance of ours is used up, and is new in hours."""

ABOUT_US = _any(
    # Relay access.
    rf"relay(?:ing)? (?:mail |access )?(?:is |was )?(?:{_REFUSED}|{_NOT_LET})",
    rf"(?:unable|{_NOT_LET}|cannot|can't|don't|do not|won't) (?:to )?relay|credentials for relay|mail (?:relay|sending) denied",
    # How we introduce ourselves.
    rf"\b(?:helo|ehlo)\b.{{0,60}}(?:{_REFUSED}|{_NOT_LET}|mismatch|bad|fail|required|must|should|fully|bogus|spoof)",
    r"(?:reject|invalid|bad|bogus|forged|spoofed|correct|fully[ -]qualified|impersonat\w*) .{0,20}\b(?:helo|ehlo)\b",
    r"need fully-qualified hostname",
    # Where we come from.
    rf"client (?:host )?(?:\S+ )?(?:{_REFUSED}|was not authenticated|not authenticated)",
    rf"(?:{_REFUSED}|{_NOT_LET}|unwelcome)\b.{{0,40}}\b(?:from|for|by) {_OURS} (?:ip|network|host|client|server)",
    rf"\b{_OURS} (?:ip|host|network|server)\b.{{0,80}}(?:{_REFUSED}|{_NOT_LET}|block|listed|{_LISTS}|reputation|spam)",
    rf"\bips?\b.{{0,60}}(?:{_LISTS}|{_NOT_LET}|banned|reputation)|banned sending ip",
    rf"(?:listed|blocked|found|rejected) (?:at|by|in|on|using|via) .{{0,40}}{_LISTS}",
    r"(?:block|reject|refus|den)\w*\b.{0,80}(?:[?&]ip=|/ip/|ip-?(?:check|lookup|rep))",
    rf"(?:poor|bad|low) (?:\w+ )?reputation|{_NOT_LET} to send e?mail directly",
    rf"mail from \[?\d+\.\d+\.\d+\.\d+\]? (?:is |was )?{_REFUSED}|\bip (?:address )?is dynamic|dynamic (?:ip|range|address)",
    r"access denied for \S*\[|\bip (?:name )?lookup failed|reverse (?:dns|hostname|lookup)|\brdns\b|\bptr\b|cannot find your hostname",
    r"connections? (?:will )?(?:is |are )?not (?:be )?accepted|unusual sending activity|originating from your",
    # Whom we name as the sender.
    rf"sender address rejected|sender .{{0,60}}(?:{_NOT_LET}|not (?:exist|owned))",
    rf"(?:sender|return path|mail from|envelope from) (?:domain )?(?:was |is )?(?:{_REFUSED}|unknown)",
    rf"(?:{_REFUSED}|bad|unknown|unverified|unauthori[sz]ed|forged|spoofed) (?:\w+ )?sender",
    r"sender (?:verify|verification|callout|signature|identity)|verified sender|mail from (?:must|and|does|address)",
    rf"from[: ]+(?:address|header|domain).{{0,60}}(?:{_NOT_LET}|not match|must match)",
    r"(?:not (?:allowed|authori[sz]ed|permitted|entitled)|permissions?) to (?:send|submit|use|perform)\b|sendasdenied",
    rf"address is not verified|identities failed the check|domain .{{0,80}}(?:{_NOT_LET}|not (?:registered|activated))",
    r"sandbox|for test purposes only|authorized recipients",
    r"\b(?:spf|dkim|dmarc)\b|sender policy framework|unauthenticated (?:e?mail|sender|message)",
    r"anti-?spoof|outboundspam",
    # Our account.
    r"auth(?:entication|entification|orization)? (?:is )?(?:required|needed|first)|(?:auth|login) (?:command )?first",
    r"(?:must|need to|please|have to|should) (?:be )?(?:authenticate|log ?in|sign in|issue an? (?:auth|starttls))",
    r"not logged in|login required|pop before smtp|check (?:for )?(?:your )?mail (?:first|before)",
    r"starttls (?:is )?required|requires (?:a )?(?:tls|encryption)|(?:tls|encryption) (?:is )?required",
    rf"your (?:[\w-]+ ){{0,3}}(?:account|domain|subscription|plan)\b.{{0,60}}(?:{_NOT_LET}|disabled|suspended|blocked|locked)",
    r"your (?:[\w-]+ ){0,3}(?:account|domain|subscription|plan)\b.{0,60}(?:activated|review|expired|restricted)",
    r"sending (?:is |was |has been )?(?:paused|disabled|suspended|denied|blocked)",
    r"(?:tenant|customer|organi[sz]ation) (?:is |has been |was )?(?:blocked|suspended|banned)",
)
"""The relay does not want this client, this sender or this account, and would say so for every recipient."""

ABOUT_THE_RELAY = _any(
    r"service (?:is |currently |temporarily )*(?:unavailable|not available)",
    r"(?:insufficient|not enough|out of) system (?:storage|resources|memory)|disk (?:is )?full|no space left",
    r"(?:local|internal|system|server|configuration|database|queue) (?:server )?(?:problem|error|failure|busy)",
    r"server (?:is )?(?:too )?busy|overload|load (?:is )?too high|too many processes",
    r"temporary (?:lookup )?failure$|shutting down|going down|maintenance",
)
"""Temporary, and not because of the recipient."""

BROKEN_RELAY = _any(
    r"(?:internal|system|configuration|database|queue) (?:server )?(?:problem|error|failure)",
    r"(?:insufficient|not enough|out of) system (?:storage|resources|memory)|no space left|shutting down",
)
"""Of permanent refusals: words that no server has for a recipient."""

_SESSIONS = r"(?<!per )(?:connections?|sessions?)"
"""Not what one of them may have: a new one cures that."""
CROWDED = _any(
    rf"too many (?:\w+ ){{0,2}}{_SESSIONS}|ports are busy",
    rf"\b{_SESSIONS} (?:\w+ ){{0,2}}(?:exceed|limit|over (?:the )?max)",
    rf"\b(?:maximum|max|limit) (?:(?:allowed|number|of|concurrent|simultaneous|open|smtp) )*{_SESSIONS}\b",
)
"""The relay has no session left for us."""

SIZE = _any(r"too (?:big|large|long)|\bsize\b|larger than|exceeds? .{0,40}bytes")
