"""What makes hashes that name nobody: a key outside the store, and beside it what was ever erased.

A store that leaks without its key tells nothing of who wrote. A store without its key recognises nobody, not
even who opted out: nothing is collected into it.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.domain.errors import StoreError
from bot.ports.inbox import Inbox
from bot.store.paths import OWNER_ONLY, sync_folder

KEY_NAME, ERASED_NAME = "mentions.key", "mentions.erased"
_BYTES = 32
_LENGTH = 32  # letters of a hash: 128 bits
_PUT_BACK = "put its copy back there; until then nothing is collected"
_WHOLE = " ."  # how a line ends that no crash has cut off
_MARK, _AUTHOR = "message", "author"


class KeyedHashes:
    """Keyed hashes, as ports.Hasher promises them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __repr__(self) -> str:
        return "KeyedHashes()"

    def __call__(self, *parts: str) -> str:
        """A short text that is the same for the same parts, and tells nothing of them."""
        framed = b"".join(len(part).to_bytes(8, "big") + part for part in map(_bytes, parts))
        return hmac.new(self._key, framed, hashlib.sha256).hexdigest()[:_LENGTH]


def _bytes(part: str) -> bytes:
    return part.encode("utf-8", "surrogatepass")


class ErasedFile:
    """The hashes of all that was erased and of all who opted out, as ports.Erasures promises them.

    Lines are only ever added. A line without its end was cut off by a crash, and is passed over.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / ERASED_NAME

    def add(self, *, marks: Collection[str] = (), authors: Collection[str] = ()) -> None:
        """Remember for ever; it lies on the disk when this returns."""
        try:
            with self._open() as descriptor:
                known = _lines(_whole(descriptor))
                wanted = [(_MARK, one) for one in marks if one] + [(_AUTHOR, one) for one in authors if one]
                new = [pair for pair in dict.fromkeys(wanted) if pair not in known]
                if new:
                    _append(descriptor, "".join(f"{kind} {name}{_WHOLE}\n" for kind, name in new))
        except OSError as error:
            raise StoreError(f"the file {self._path} cannot be written: {error.strerror}") from error

    def marks(self) -> frozenset[str]:
        """Of every message that was ever erased."""
        return self._of(_MARK)

    def authors(self) -> frozenset[str]:
        """Of everybody who ever opted out."""
        return self._of(_AUTHOR)

    def _of(self, wanted: str) -> frozenset[str]:
        try:
            return frozenset(name for kind, name in _lines(self._path.read_bytes()) if kind == wanted)
        except FileNotFoundError:
            return frozenset()
        except OSError as error:
            raise StoreError(f"the file {self._path} cannot be read: {error.strerror}") from error

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file, for one program at a time."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, OWNER_ONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)
        sync_folder(self._path.parent)


def _whole(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)


def _append(descriptor: int, lines: str) -> None:
    there = _whole(descriptor)
    start = b"\n" if there and not there.endswith(b"\n") else b""
    left = start + lines.encode()
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def take_key_along(source: Path, target: Path) -> None:
    """Bring the key from one folder into another; one that is there already stays.

    StoreError where the target has another key.
    """
    key = _read_key(source / KEY_NAME)
    if not (target / KEY_NAME).exists():
        _make_key(target / KEY_NAME, key)
    if not has_same_key(source, target):
        raise StoreError(
            f"{target / KEY_NAME} is another key than {source / KEY_NAME}: move away the one that no store "
            "needs any more"
        )


def bring_key(places: Iterable[Path], state: Path) -> bool:
    """Bring the key from the first of some folders that has it; whether one had. StoreError as of it."""
    for place in places:
        if (place / KEY_NAME).exists():
            take_key_along(place, state)
            return True
    return False


def has_same_key(one: Path, other: Path) -> bool:
    """Whether two folders have one key. StoreError where one of them cannot be read."""
    return hmac.compare_digest(_read_key(one / KEY_NAME), _read_key(other / KEY_NAME))


def take_erasures_along(source: Path, target: Path) -> None:
    """Bring what was erased from one folder into another, where it is added to what is known there."""
    erased = ErasedFile(source)
    marks, authors = erased.marks(), erased.authors()
    if marks or authors:
        ErasedFile(target).add(marks=sorted(marks), authors=sorted(authors))


def _lines(content: bytes) -> set[tuple[str, str]]:
    """What stands in the file; a line that was cut off is none."""
    found = set()
    for line in content.decode("ascii", "replace").split("\n")[:-1]:
        kind, _, name = line.removesuffix(_WHOLE).partition(" ")
        if line.endswith(_WHOLE):
            found.add((kind, name))
    return found


def open_hashes(folder: Path, inbox: Inbox) -> KeyedHashes:
    """The hashes that an inbox is kept with; the key is made with the first of them.

    StoreError where the key is missing though it was made, is another inbox's, or can be read by others.
    """
    path = folder / KEY_NAME
    known = inbox.keyed_by()
    if not path.exists():
        if known is not None or (folder / ERASED_NAME).exists():
            raise StoreError(f"the key {path} is gone, so nobody who opted out is recognised: {_PUT_BACK}")
        _make_key(path, secrets.token_bytes(_BYTES))
    hashes = KeyedHashes(_read_key(path))
    if inbox.keyed_by(_sign_of(hashes)) != _sign_of(hashes):
        raise _wrong(path)
    return hashes


def read_hashes(folder: Path, inbox: Inbox) -> KeyedHashes | None:
    """The hashes that asking needs; None where nothing was ever collected. StoreError as of open_hashes."""
    path = folder / KEY_NAME
    known = inbox.keyed_by()
    if known is None and not path.exists():
        return None
    if not path.exists():
        raise StoreError(f"the key {path} is gone, so nobody is recognised: {_PUT_BACK}")
    hashes = KeyedHashes(_read_key(path))
    if known not in (None, _sign_of(hashes)):
        raise _wrong(path)
    return hashes


def _wrong(path: Path) -> StoreError:
    return StoreError(f"the key {path} is not the one that this inbox was begun with: {_PUT_BACK}")


def _sign_of(hashes: KeyedHashes) -> str:
    """What a key is recognised by."""
    return hashes("key")


def _read_key(path: Path) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        key = path.read_bytes()
    except OSError as error:
        raise StoreError(f"the key {path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise StoreError(f"the key {path} can be read by others: `chmod 600 {path}` ends that")
    if len(key) != _BYTES:
        raise StoreError(f"the key {path} is damaged: {_PUT_BACK}")
    return key


def _make_key(path: Path, key: bytes) -> None:
    """Make a key once: whole or not at all, and never in place of one that is there."""
    new = path.with_name(f"{path.name}.new-{secrets.token_hex(4)}")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
        try:
            os.write(descriptor, key)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        with suppress(FileExistsError):  # another program was first: its key counts
            os.link(new, path)
        new.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise StoreError(f"the key {path} cannot be made: {error.strerror}") from error
