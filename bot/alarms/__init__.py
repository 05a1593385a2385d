"""How an alarm leaves the machine: by e-mail, to a web address, or through a command of one's own."""

from bot.alarms.command import Command
from bot.alarms.mail import Mail
from bot.alarms.web import Pulse, Webhook

__all__ = ["Command", "Mail", "Pulse", "Webhook"]
