"""A mail relay, as the fleet knows it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from functools import cached_property
from typing import Any, ClassVar

from leeward.extension import Guards, Health, Provider
from leeward.jobs.email.attachment import Attachment
from leeward.jobs.email.mail import Mail
from providers.smtp.attachments.attached_file import AttachedFile
from providers.smtp.config import SmtpConfig
from providers.smtp.mail.body import Body
from providers.smtp.settings import SmtpSettings


class Smtp(Provider[SmtpSettings], type="smtp"):
    """One relay, and the templates of mails."""

    # Relays commonly allow ten sessions, and begin to defer senders of more than a few mails a second; five of each leave room for others.
    guards: ClassVar[Guards] = {"limit": 5, "rate": 5.0}

    @cached_property
    def config(self) -> SmtpConfig:
        return self.settings.config(self.name)

    def longest_call(self) -> timedelta:
        # The fleet's own limit of ten minutes would strike while the relay still has time to answer the final dot.
        return sum((one.longest_send for one in self.settings.configs(self.name)), timedelta())

    def open(self) -> None:
        # Template engine and client: not for a worker that has no relay.
        from providers.smtp.attachments.attachments import attachments
        from providers.smtp.mail.templates import Templates
        from providers.smtp.relays.relays import Relays

        settings = self.settings
        self._relays = Relays(settings.configs(self.name), self.context.sessions, call=self.context.call)
        own = () if settings.templates is None else (settings.templates,)
        self._templates = Templates(*own, *self.context.templates)
        self._attachments = attachments(
            settings.attachments,
            settings.attachment_urls,
            allow_private=settings.attachments_allow_private,
            limit_bytes=settings.attachment_limit_bytes,
            call=self.context.call,
        )

    def close(self) -> None:
        self._attachments.close()

    def close_thread(self) -> None:
        self._relays.close_this_thread()

    def health(self) -> Health:
        return self._relays.health()

    def body(self, job: Mail) -> Body:
        """What the mail says. Raises: Permanent: its template cannot be filled in."""
        if job.template is None:
            return Body(job.text, job.html)
        return self._templates.render(job.template, job.values, provider=self.name)

    @contextmanager
    def opened(self, attachments: Sequence[Attachment]) -> Iterator[list[AttachedFile]]:
        """See `Attachments.opened`."""
        with self._attachments.opened(attachments) as found:
            yield found

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        before_data: Callable[[], None],
        attached: Mapping[bytes, AttachedFile],
    ) -> dict[str, Any]:
        """See `Relays.send`."""
        return self._relays.send(message, recipient, before_data, attached)
