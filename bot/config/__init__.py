"""The configuration: one YAML file, checked whole, with secrets that hide themselves."""

from bot.config.alarm import AlarmConfig, MailConfig, WebAddress
from bot.config.collect import Cleared, CollectConfig, PrivacyConfig
from bot.config.load import load_config
from bot.config.model import AccountConfig, BackupConfig, Config, default_config, lies_in
from bot.config.secret import Secret

__all__ = [
    "AccountConfig",
    "AlarmConfig",
    "BackupConfig",
    "Cleared",
    "CollectConfig",
    "Config",
    "MailConfig",
    "PrivacyConfig",
    "Secret",
    "WebAddress",
    "default_config",
    "lies_in",
    "load_config",
]
