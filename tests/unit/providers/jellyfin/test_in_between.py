"""Answers that are not Jellyfin's: proxies, balancers, sign-in portals and other services, as they word them."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.extension.errors import AuthFailed, Misconfigured, Permanent, ProviderError, RateLimited, Transient
from providers.http_client.answer import Answer
from providers.jellyfin.answers import NameTaken, classify
from tests.unit.providers.jellyfin.test_answers import NOW

OPERATIONS = ("create_user", "list_users", "get_user", "set_policy", "set_password")
HTML = {"Content-Type": "text/html"}
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
JSON = {"Content-Type": "application/json"}
NGINX = {"Server": "nginx/1.22.1", **HTML}


def meaning(status: int, headers: dict[str, str], body: str, operation: str = "create_user") -> ProviderError:
    answer = Answer(status, httpx.Headers(headers), body.encode())
    found = classify(answer, provider="jellyfin", operation=operation, now=NOW)
    assert found is not None
    return found


WRONG_ADDRESS = {
    "nginx, http to https": (
        400,
        NGINX,
        "<h1>400 Bad Request</h1><center>The plain HTTP request was sent to HTTPS port</center>",
    ),
    "go, http to https": (400, {}, "Client sent an HTTP request to an HTTPS server.\n"),
    "apache, http to https": (400, HTML, "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"),
    "kestrel's host filter": (
        400,
        {"Server": "Kestrel", **HTML},
        "<TITLE>Bad Request</TITLE><h2>Bad Request - Invalid Hostname</h2>",
    ),
    "http.sys": (400, {"Server": "Microsoft-HTTPAPI/2.0", **HTML}, "<h2>Bad Request - Invalid Hostname</h2>"),
    "an empty 400": (400, {}, ""),
    "an empty 400 of kestrel": (400, {"Server": "Kestrel"}, ""),
    "an empty 400 of a balancer": (400, {"Server": "awselb/2.0"}, ""),
    "haproxy": (
        400,
        HTML,
        "<html><body><h1>400 Bad request</h1>\nYour browser sent an invalid request.\n</body></html>",
    ),
    "cloudflare": (400, {"Server": "cloudflare", **HTML}, "<title>400 No required SSL certificate was sent</title>"),
    "another api, 400": (400, JSON, '{"error":"bad request"}'),
    "another api, 422": (422, JSON, '{"detail":[{"msg":"field required"}]}'),
    "traefik, no router": (404, TEXT, "404 page not found\n"),
    "a bucket": (404, {"Content-Type": "application/xml"}, "<Error><Code>NoSuchKey</Code></Error>"),
    "envoy, no route": (404, {"Server": "envoy"}, ""),
    "express": (404, HTML, "<pre>Cannot POST /Users/New</pre>"),
    "too large for nginx": (413, NGINX, "<h1>413 Request Entity Too Large</h1>"),
    "misdirected": (421, {"Server": "Apache", **HTML}, "<h1>Misdirected Request</h1>"),
    "squid": (407, {"Proxy-Authenticate": "Basic", **HTML}, "Cache Access Denied"),
    "not implemented": (501, HTML, "Unsupported method"),
    "captive portal": (511, HTML, "sign in to the network"),
    "cloudflare, untrusted origin": (526, {"Server": "cloudflare", **HTML}, "Invalid SSL certificate"),
    "a status of nobody": (799, {}, ""),
    "switching protocols": (101, {}, ""),
}

SIGN_IN = {
    "nginx basic": (
        401,
        {**NGINX, "WWW-Authenticate": 'Basic realm="restricted"'},
        "<h1>401 Authorization Required</h1>",
    ),
    "nginx auth_request": (401, NGINX, "<h1>401 Authorization Required</h1>"),
    "caddy basic": (401, {"Server": "Caddy", "WWW-Authenticate": 'Basic realm="restricted"'}, ""),
    "traefik basic": (401, {**TEXT, "WWW-Authenticate": 'Basic realm="traefik"'}, "401 Unauthorized\n"),
    "oauth2-proxy": (401, JSON, "{}"),
    "oauth2-proxy, empty": (401, {**JSON, "Server": "nginx"}, ""),
    "authelia": (401, HTML, '<a href="https://auth.example.org/?rd=x">401 Unauthorized</a>'),
    "envoy jwt": (401, {**TEXT, "WWW-Authenticate": "Bearer"}, "Jwt is missing"),
    "a portal's json": (401, JSON, '{"status":401,"message":"Unauthorized"}'),
    "aws alb": (401, {"Server": "awselb/2.0", **HTML}, "<title>401 Authorization Required</title>"),
    "cloudflare access": (
        403,
        {"Server": "cloudflare", **HTML},
        "<title>Sign in ・ Cloudflare Access</title> cloudflareaccess.com",
    ),
    "negotiate": (401, {"WWW-Authenticate": "Negotiate"}, ""),
    "a redirect to a portal": (
        302,
        {"Location": "https://team.cloudflareaccess.com/cdn-cgi/access/login/x?meta=secret"},
        "",
    ),
    "a redirect to oauth2": (302, {"Location": "/oauth2/start?rd=%2FUsers%2FNew"}, ""),
}

FORBIDDEN = {
    "nginx": (403, NGINX, "<h1>403 Forbidden</h1>"),
    "envoy": (403, TEXT, "RBAC: access denied"),
    "envoy ext_authz": (403, {"Server": "envoy"}, ""),
    "traefik allow list": (403, TEXT, "Forbidden"),
    "cloudflare challenge": (403, {"Cf-Mitigated": "challenge", **HTML}, "Just a moment..."),
    "waf": (403, JSON, '{"message":"Forbidden"}'),
}

AWAY = {
    "a bare 503": (503, {}, ""),
    "a bare 503 of caddy": (503, {"Server": "Caddy"}, ""),
    "a bare 502 of caddy": (502, {"Server": "Caddy"}, ""),
    "nginx 502": (502, NGINX, "<h1>502 Bad Gateway</h1>"),
    "nginx 504": (504, NGINX, "<h1>504 Gateway Time-out</h1>"),
    "haproxy": (503, HTML, "<h1>503 Service Unavailable</h1>\nNo server is available to handle this request."),
    "traefik": (503, TEXT, "no available server\n"),
    "traefik 502": (502, TEXT, "Bad Gateway"),
    "envoy": (503, TEXT, "no healthy upstream"),
    "envoy reset": (
        503,
        TEXT,
        "upstream connect error or disconnect/reset before headers. reset reason: connection failure",
    ),
    "aws alb": (503, {"Server": "awselb/2.0", **HTML}, "<title>503 Service Temporarily Unavailable</title>"),
    "cloudflare 522": (522, {"Server": "cloudflare", **HTML}, "Connection timed out"),
    "cloudflare 530": (530, {"Server": "cloudflare", **HTML}, "error code: 1033"),
    "iis": (502, {"Server": "Microsoft-IIS/10.0", **HTML}, "<h2>502 - Web server received an invalid response</h2>"),
    "a page with 500": (500, NGINX, "<h1>500 Internal Server Error</h1>"),
    "a request timeout": (408, NGINX, "<h1>408 Request Time-out</h1>"),
}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", [*WRONG_ADDRESS, *FORBIDDEN])
def test_a_wrong_address_is_for_the_operator_and_kills_no_job(name: str, operation: str) -> None:
    assert type(meaning(*(WRONG_ADDRESS | FORBIDDEN)[name], operation)) is Misconfigured


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", SIGN_IN)
def test_a_sign_in_that_is_not_jellyfins_does_not_ask_for_a_new_api_key(name: str, operation: str) -> None:
    error = meaning(*SIGN_IN[name], operation)

    assert type(error) is Misconfigured
    assert "allow the fleet through" in str(error)
    assert "make a new one" not in str(error)
    assert "secret" not in str(error)


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("name", AWAY)
def test_a_server_that_a_proxy_cannot_reach_passes(name: str, operation: str) -> None:
    assert type(meaning(*AWAY[name], operation)) is Transient


def test_a_rate_limit_is_one_whoever_sets_it() -> None:
    assert type(meaning(429, {"Server": "cloudflare", **HTML}, "error code: 1015")) is RateLimited


@pytest.mark.parametrize("name", ["nginx, http to https", "go, http to https", "apache, http to https"])
def test_a_port_that_wants_tls_is_told_so(name: str) -> None:
    assert "https://" in str(meaning(*WRONG_ADDRESS[name]))


@given(
    status=st.sampled_from([400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 414, 415, 417, 418, 423, 431, 451, 499]),
    body=st.text(min_size=1).filter(str.strip),
    media_type=st.sampled_from(["text/html", "text/plain", "application/json", "application/xml", ""]),
    operation=st.sampled_from(OPERATIONS),
)
def test_what_does_not_look_like_jellyfin_never_condemns_a_job_or_its_key(
    status: int, body: str, media_type: str, operation: str
) -> None:
    foreign = f"<p>{body}</p>"

    error = meaning(status, {"Content-Type": media_type}, foreign, operation)

    assert type(error) is Misconfigured
    assert body.strip() not in str(error) or len(body.strip()) < 10


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, "Error processing request.", NameTaken),
        (401, "", AuthFailed),
        (403, "", AuthFailed),
        (403, "Administrators cannot be disabled.", Permanent),
        (503, "", Misconfigured),
        (500, "Error processing request.", Transient),
        (500, "", Transient),
    ],
)
def test_a_proxy_that_only_passes_on_changes_nothing(status: int, body: str, kind: type[ProviderError]) -> None:
    passed_on = {"Server": "nginx", "Via": "1.1 caddy", "X-Response-Time-ms": "1.5", "Content-Type": "text/plain"}

    assert type(meaning(status, passed_on, body)) is kind
