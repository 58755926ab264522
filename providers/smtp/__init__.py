"""Sending mail over SMTP."""

from leeward.extension import SessionPermits
from providers.smtp.config import SmtpConfig, Tls
from providers.smtp.mailer import Mailer
from providers.smtp.override import Override
from providers.smtp.templates import Templates

__all__ = ["Mailer", "Override", "SessionPermits", "SmtpConfig", "Templates", "Tls"]
