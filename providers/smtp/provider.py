"""A mail relay, as the fleet knows it."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from functools import cached_property
from typing import Any, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.jobs.email.send import SendEmail
from providers.smtp.config import SmtpConfig
from providers.smtp.mail.body import Body
from providers.smtp.settings import SmtpSettings


class Smtp(Provider[SmtpSettings], type="smtp"):
    """One relay, and the templates of mails."""

    # Relays commonly allow ten sessions; five leave room for others.
    guards: ClassVar[Guards] = {"limit": 5}

    @cached_property
    def config(self) -> SmtpConfig:
        return self.settings.config(self.name)

    def longest_call(self) -> timedelta:
        # The fleet's own limit of ten minutes would strike while the relay still has time to answer the final dot.
        return self.config.longest_send

    def open(self) -> None:
        # Template engine and client: not for a worker that has no relay.
        from providers.smtp.mail.templates import Templates
        from providers.smtp.mailer import Mailer

        self._mailer = Mailer(self.config, self.context.sessions, call=self.context.call)
        self._templates = Templates(*self.context.templates)

    def close_thread(self) -> None:
        self._mailer.close_this_thread()

    def health(self) -> Health:
        return self._mailer.health()

    def body(self, job: SendEmail) -> Body:
        """What the mail says. Raises: Permanent: its template cannot be filled in."""
        if job.template is None:
            return Body(job.text, job.html)
        return self._templates.render(job.template, job.values, provider=self.name)

    def send(self, message: EmailMessage, recipient: str, before_data: Callable[[], None]) -> dict[str, Any]:
        """See `Mailer.send`."""
        return self._mailer.send(message, recipient, before_data)
