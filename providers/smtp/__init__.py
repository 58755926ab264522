"""Sending mail over SMTP."""

from leeward.extension import SessionPermits
from providers.smtp.answers.override import Override
from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.mail.templates import Templates
from providers.smtp.mailer import Mailer

__all__ = ["Mailer", "Override", "SessionPermits", "SmtpConfig", "Templates", "Tls"]
