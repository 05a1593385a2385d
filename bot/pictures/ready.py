"""From a file of an organiser to the bytes that a platform is given, made once and kept under their hash."""

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.domain.errors import RenditionError
from bot.domain.lengths import PlatformName
from bot.domain.picture import Attachment, Picture, name_of
from bot.pictures.clean import foreign_in
from bot.pictures.kinds import EXPORT, USABLE, kind_of, way_out

RECIPE = "1"  # a new number makes every picture anew
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 12_000  # pixels
LARGEST_FILE = 40 << 20  # bytes
SECONDS = 20  # to make one picture
KEPT_FOR = timedelta(days=90)  # since a post last asked for it; what failed may be sent again until then
CHILD = Path(__file__).with_name("child.py")
SMALLER = "make it smaller, for example 2,000 pixels wide"


class PictureError(RenditionError):
    """A picture cannot be published as it is; says which, and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a platform takes: bytes, pixels a side, and pixels in all."""

    size: int
    side: int
    pixels: int = MOST_PIXELS


FRAMES: Mapping[PlatformName, Frame] = {
    PlatformName.X: Frame(size=5_000_000, side=4096),
    PlatformName.MASTODON: Frame(size=8_000_000, side=3840, pixels=3840 * 2160),  # more is made smaller there
    PlatformName.BLUESKY: Frame(size=1_000_000, side=2000),
}

_Stamp = tuple[int, int, int, int]


@dataclass(slots=True)
class Studio:
    """Makes pictures ready and keeps them in `folder`.

    One that only asks (`keeps` False) uses what lies there, and writes nothing.
    """

    folder: Path
    keeps: bool = True
    _hashes: dict[tuple[str, _Stamp], str] = field(default_factory=dict)
    _made: dict[tuple[str, PlatformName], Attachment] = field(default_factory=dict)

    def ready(self, picture: Picture, folder: Path, platform: PlatformName) -> Attachment:
        """A picture as a platform is given it, without words for those who cannot see it.

        Raises PictureError where it cannot be published. An unchanged file is made once for each platform.
        """
        path = folder / picture.file
        stamp = _stamp(path, picture.file)
        source = self._hashes.get((os.fspath(path), stamp))
        data = None
        if source is None:
            data = _bytes_of(path, picture.file)
            source = hashlib.sha256(data).hexdigest()
            self._hashes[os.fspath(path), stamp] = source
        made = self._made.get((source, platform)) or self._kept(source, platform)
        if made is None or not self._lies_there(made, known=(source, platform) in self._made):
            new, made = _make(data or _bytes_of(path, picture.file), picture.file, FRAMES[platform])
            self._keep(new, made, source, platform)
        self._made[source, platform] = made
        self._touch(made, source, platform)
        return made

    def tidy(self, now: datetime) -> int:
        """Delete what is kept and no post has asked for in KEPT_FOR; how much that was."""
        if not self.keeps or not self.folder.is_dir():
            return 0
        oldest = (now - KEPT_FOR).timestamp()
        old = [path for path in self.folder.iterdir() if path.stat().st_mtime < oldest]
        for path in old:
            path.unlink()
        return len(old)

    def _touch(self, made: Attachment, source: str, platform: PlatformName) -> None:
        """Note that a picture is still asked for."""
        if not self.keeps:
            return
        try:
            os.utime(self.folder / name_of(made))
            if (note := self._note(source, platform)).exists():
                os.utime(note)
        except OSError as error:
            raise _not_kept(self.folder, error) from error

    def _lies_there(self, made: Attachment, *, known: bool) -> bool:
        """Whether the bytes of a picture are kept; they are read again once in the life of a process."""
        if not self.keeps:
            return True  # who only asks needs no bytes
        path = self.folder / name_of(made)
        try:
            if known:
                return path.stat().st_size == made.size
            return hashlib.sha256(path.read_bytes()).hexdigest() == made.sha256
        except OSError:
            return False

    def _kept(self, source: str, platform: PlatformName) -> Attachment | None:
        """What was made of a file before, None where that is not known."""
        try:
            return Attachment(**json.loads(self._note(source, platform).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _note(self, source: str, platform: PlatformName) -> Path:
        return self.folder / f"{source}-{platform}-{RECIPE}.json"

    def _keep(self, data: bytes, made: Attachment, source: str, platform: PlatformName) -> None:
        if not self.keeps:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(self.folder / name_of(made), data)
            _write(self._note(source, platform), json.dumps(asdict(made), sort_keys=True).encode())
        except OSError as error:
            raise _not_kept(self.folder, error) from error


def _not_kept(folder: Path, error: OSError) -> PictureError:
    words = f"pictures cannot be kept in {folder}: {error.strerror}"
    return PictureError(words, "make room there, or check the permissions")


def _stamp(path: Path, name: str) -> _Stamp:
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise PictureError(f"the picture {name} is not there", "put it beside the post's file") from error
    if not stat.S_ISREG(found.st_mode):
        raise PictureError(f"{name} is not a file", "name a picture")
    return found.st_size, found.st_mtime_ns, found.st_ino, found.st_dev


def _bytes_of(path: Path, name: str) -> bytes:
    """The bytes of a file; of one that is no file, or too large, nothing is read."""
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(path.parents[len(Path(name).parts) - 1])):
        raise PictureError(f"{name} leads out of the post's folder", "put the picture itself beside the post")
    try:
        handle = os.open(real, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise PictureError(f"{name} is not a file", "name a picture")
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        words = f"the picture {name} cannot be read: {error.strerror}"
        raise PictureError(words, "check its permissions") from error
    if len(data) > LARGEST_FILE:
        raise PictureError(f"{name} is larger than {LARGEST_FILE >> 20} MB", SMALLER)
    return data


def _make(data: bytes, name: str, frame: Frame) -> tuple[bytes, Attachment]:
    kind = kind_of(data[:32])
    if kind not in USABLE:
        raise PictureError(f"{name} is {kind or 'no picture that we know'}", way_out(kind))
    told, new = _opened_apart(data, name, kind, frame)
    if why := told.get("why"):
        raise _told(why, name, told)
    made = Attachment(
        sha256=hashlib.sha256(new).hexdigest(),
        mime=str(told["mime"]),
        width=int(told["width"]),
        height=int(told["height"]),
        size=len(new),
        alt="",
    )
    if not new or made.size > frame.size or (foreign := foreign_in(new, made.mime)):
        found = foreign if new and made.size <= frame.size else "another size than asked for"
        raise PictureError(f"what was made of {name} has {found}", EXPORT)
    return new, made


def _opened_apart(data: bytes, name: str, kind: str, frame: Frame) -> tuple[dict[str, Any], bytes]:
    """Let a process of its own open the picture: a hostile file breaks that one, and nothing else."""
    order = {
        "kind": kind,
        "most_pixels": MOST_PIXELS,
        "longest_side": LONGEST_SIDE,
        "bytes": frame.size,
        "side": frame.side,
        "pixels": frame.pixels,
    }
    command = [sys.executable, "-I", os.fspath(CHILD), json.dumps(order)]
    try:
        done = subprocess.run(  # noqa: S603  # our own script, and no word of it from outside
            command, input=data, capture_output=True, timeout=SECONDS, check=False, env={"LC_ALL": "C.UTF-8"}
        )
    except subprocess.TimeoutExpired as error:
        raise PictureError(f"{name} took longer than {SECONDS} s to open", SMALLER) from error
    head, _, new = done.stdout.partition(b"\n")
    try:
        told = json.loads(head)
    except ValueError:
        told = None
    if done.returncode or not isinstance(told, dict):
        raise PictureError(f"{name} cannot be opened", EXPORT)
    return told, new


def _told(why: str, name: str, told: Mapping[str, Any]) -> PictureError:
    if why == "too large":
        of = f"{told['width']:,} × {told['height']:,} pixels" if "width" in told else "too many pixels"
        most = f"{MOST_PIXELS // 1_000_000} million pixels and {LONGEST_SIDE:,} a side are the most"
        return PictureError(f"{name} has {of}; {most}", SMALLER)
    if why == "too much":
        return PictureError(f"{name} takes more memory to open than we give a picture", SMALLER)
    if why == "not confined":
        words = f"{name} was not opened: this machine lets no program limit itself"
        return PictureError(words, "allow the system calls setrlimit and prlimit64, as deploy/ does")
    if why == "broken":
        return PictureError(f"{name} is damaged, or not complete", "copy or export it again")
    return PictureError(f"{name} cannot be made small enough", "use a calmer picture")


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
