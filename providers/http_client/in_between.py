"""What an answer means that something between us and a service gave. Its text is not repeated: it may quote the request.

The shapes are those of nginx, Apache, HAProxy, Envoy, Traefik and Caddy, of IIS and Kestrel, and of AWS's and Cloudflare's edges.
"""

import re
from http import HTTPStatus

from leeward.extension.errors import Misconfigured, ProviderError, RateLimited, Transient
from providers.http_client.answer import Answer
from providers.http_client.failures import Service

Meaning = tuple[type[ProviderError], str]

_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY})
_NEVER_HEALS: dict[int, str] = {
    HTTPStatus.NOT_IMPLEMENTED: "does not know the method",
    HTTPStatus.HTTP_VERSION_NOT_SUPPORTED: "does not speak our version of HTTP",
    HTTPStatus.LOOP_DETECTED: "forwards the request in a loop",
    HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED: "requires a sign-in to the network",
    526: "does not trust the certificate of the server behind it",  # Cloudflare
}
_WANTS_TLS = re.compile(
    r"plain HTTP request was sent to HTTPS port"  # nginx
    r"|HTTP request to an HTTPS server"  # Go: Traefik, Caddy
    r"|speaking plain HTTP to an SSL-enabled"  # Apache
    r"|requires TLS|TLS required|SSL required|use https",
    re.IGNORECASE,
)
_OTHER_NAME = re.compile(
    r"invalid host\s?name|invalid host|unknown host|misdirected|no such app|unknown domain", re.IGNORECASE
)
_SIGN_IN_PLACE = re.compile(
    r"login|log-in|signin|sign-in|oauth|openid|saml|/sso|/auth|cloudflareaccess|authelia|authentik|keycloak",
    re.IGNORECASE,
)
_ADVICE = "check the URL and the proxies in front of the server"
_LET_US_PAST = (
    "it asks for a sign-in of its own: allow the fleet through; the {credential} of {name} does not help there"
)
_LAST_STATUS = 599


def meaning(answer: Answer, service: Service) -> Meaning:
    """The error that the answer means."""
    kind, said = _meaning(answer, service)
    return kind, f"something in front of {service.name}, or in its place: {said}"


def redirect_meaning(answer: Answer, service: Service) -> Meaning:
    """What a redirect means, from any sender. Where it leads to is not shown whole: queries hold secrets."""
    target = answer.headers.get("Location", "")
    if _SIGN_IN_PLACE.search(target):
        return Misconfigured, f"a redirect to a sign-in; {_let_us_past(service)}"
    return Misconfigured, "a redirect; set the URL to the final address, with the BaseUrl prefix if the server has one"


def _meaning(answer: Answer, service: Service) -> Meaning:
    status = answer.status
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return Misconfigured, _refusal(answer, service)
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return Misconfigured, "a proxy that requires a sign-in; put a user and a password into the proxy's URL"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited, "too many requests"
    if status in _NEVER_HEALS:
        return Misconfigured, f"it {_NEVER_HEALS[status]}; {_ADVICE}"
    if status in _PASSING or HTTPStatus.INTERNAL_SERVER_ERROR <= status <= _LAST_STATUS:
        return Transient, "it cannot reach the server now, or has a fault"
    return Misconfigured, _wrong_address(answer, service)


def _refusal(answer: Answer, service: Service) -> str:
    if answer.status == HTTPStatus.UNAUTHORIZED or "WWW-Authenticate" in answer.headers:
        return _let_us_past(service)
    if _SIGN_IN_PLACE.search(answer.text):
        return _let_us_past(service)
    return f"it forbids the request; {_ADVICE}"


def _wrong_address(answer: Answer, service: Service) -> str:
    if answer.status == HTTPStatus.BAD_REQUEST and _WANTS_TLS.search(answer.text):
        return "the port speaks TLS; write https:// in the URL"
    if _OTHER_NAME.search(answer.text):
        return "it does not know the host name in the URL"
    return f"{answer.status} is not what {service.name} would say; {_ADVICE}"


def _let_us_past(service: Service) -> str:
    return _LET_US_PAST.format(name=service.name, credential=service.credential)
