"""The configuration: one YAML file, checked whole, with secrets that hide themselves."""

from bot.config.load import load_config
from bot.config.model import AccountConfig, BackupConfig, Config, Secret, default_config

__all__ = ["AccountConfig", "BackupConfig", "Config", "Secret", "default_config", "load_config"]
