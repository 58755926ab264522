"""Bodies of mails from the fleet's own templates."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from leeward.extension.errors import Permanent
from providers.smtp.mail.body import Body

_TEXT = ".txt.j2"
_HTML = ".html.j2"


class Templates:
    """Files `<name>.txt.j2` and `<name>.html.j2` of some folders; the first folder that has a name gives it.

    Safe to use from any number of threads. Templates run in Jinja's sandbox; values are escaped in HTML, and a value that
    is missing is an error.
    """

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FileSystemLoader(folders),
            undefined=jinja2.StrictUndefined,
            autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",), default=False),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, name: str, values: Mapping[str, Any], *, provider: str) -> Body:
        """Fills in a template.

        Raises:
            Permanent: there is no such template, a value is missing (the message names it), or the template fails.
        """
        try:
            body = Body(self._part(name + _TEXT, values), self._part(name + _HTML, values))
        except jinja2.UndefinedError as error:
            raise _failed(provider, f"the template {name!r} lacks a value: {error.message}") from error
        except Exception as error:  # a template is a program: with the wrong values it may raise anything
            raise _failed(provider, f"the template {name!r} fails: {type(error).__name__}: {error}") from error
        if body.text is None and body.html is None:
            folders = " or ".join(map(str, self._folders))
            raise _failed(provider, f"there is no template {name!r}: add {name}{_TEXT} or {name}{_HTML} to {folders}")
        return body

    def _part(self, file: str, values: Mapping[str, Any]) -> str | None:
        if not any((folder / file).is_file() for folder in self._folders):
            return None
        return self._environment.get_template(file).render(values)


def _failed(provider: str, message: str) -> Permanent:
    return Permanent(message, provider=provider, operation="render")
