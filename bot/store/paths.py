"""Files as every part of the store treats them: for the owner only, and there after a power cut."""

import os
from pathlib import Path

OWNER_ONLY = 0o600
FOLDER_OWNER_ONLY = 0o700


def uri(path: Path) -> str:
    """A path as SQLite takes it in a URI: what would end it is written as a number."""
    return "file:" + str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def beside(path: Path, suffix: str) -> Path:
    """The file that belongs to another and bears its name and a suffix."""
    return path.with_name(path.name + suffix)


def sync_file(path: Path) -> None:
    """Wait until a file's content lies on the disk."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder lie on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
