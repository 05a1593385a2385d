"""The pictures of a post: which file, what it shows in words, and who answers for the people in it."""

import hashlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from bot.domain.picture import MOST_PICTURES, People, Picture
from bot.domain.post import Language
from bot.strictyaml.fields import INVALID, Flag, ListOf, MapOf, OneOf, Row, Table, Word, Wrong, did_you_mean
from bot.strictyaml.nodes import Node, Reading, key_place_of, place_of
from bot.strictyaml.words import language

EXAMPLE = '{file: march.jpg, alt: {en: "…"}, people: none}'
PHOTOS = (".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".raw", ".dng", ".psd", ".svg", ".pdf")
VIDEOS = (".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".3gp")
USABLE = (".jpg", ".jpeg", ".png", ".webp", ".gif")
_BESIDE = "put the picture beside this file, and write its name alone"


def _file(text: str) -> str:
    """A path that cannot lead out of the folder it starts from."""
    name = text.strip()
    # A path of Windows is refused everywhere: the same queue is read on other machines.
    if "\\" in name or "\0" in name or name.startswith(("/", "~")) or ":" in name:
        raise Wrong("this is not the name of a file beside the post", _BESIDE)
    if ".." in name.split("/"):
        raise Wrong("this leads out of the post's folder", _BESIDE)
    ending = os.path.splitext(name)[1].lower()  # noqa: PTH122  # not a path of this machine yet
    if ending in VIDEOS:
        raise Wrong(f"{name} is a video", "video is not supported: publish a picture and a link")
    if ending in PHOTOS:
        raise Wrong(
            f"a {ending[1:].upper()} file cannot be published", "export it as JPEG, and name that file"
        )
    return name


def _consent(text: str) -> str:
    said = text.strip()
    if said.lower() in {"true", "yes", "given", "ok"}:
        raise Wrong("`consent:` says who asked, and when", 'write `consent: "Anna asked them on 3 May"`')
    return said


_ALT = MapOf(
    key=language,
    each=Word(says="what the picture shows, in words", examples=("en: Four people behind a banner",)),
    name="a description for each language",
    example='alt: {en: "What it shows, for those who cannot see it"}',
)

PICTURES = ListOf(
    name="pictures",
    each=Table(
        name="a picture",
        example=EXAMPLE,
        rows={
            "file": Row(
                field=Word(says="the name of a file beside the post", parse=_file, examples=("march.jpg",)),
                required=True,
                example="add `file: march.jpg`",
            ),
            "alt": Row(field=_ALT),
            "decorative": Row(field=Flag()),
            "people": Row(
                field=OneOf(
                    words={"none": People.NONE, "blurred": People.BLURRED}, name="word for who is to be seen"
                )
            ),
            "consent": Row(field=Word(says="who asked, and when", parse=_consent)),
        },
        hints={
            **dict.fromkeys(("path", "image", "picture", "name", "src", "url"), "write `file:`"),
            **dict.fromkeys(("alt_text", "description", "text", "caption"), "write `alt:`"),
        },
    ),
)


def pictures(node: Node, found: Any, written: Collection[Language], reading: Reading) -> tuple[Picture, ...]:
    """The pictures that a post's `media:` names; what is wrong with one is said at its place."""
    if found is INVALID:
        return ()
    nodes = node[0] if isinstance(node[0], list) else [node]
    if len(found) > MOST_PICTURES:
        said = f"a post has at most {MOST_PICTURES} pictures, and these are {len(found)}"
        reading.add(key_place_of(node), said, "leave some out, or make a second post")
    return tuple(
        picture
        for one, row in zip(nodes, found, strict=True)
        if (picture := _picture(one, row, written, reading)) is not None
    )


def _picture(
    node: Node, row: Mapping[str, Any], written: Collection[Language], reading: Reading
) -> Picture | None:
    if INVALID in row.values():
        return None
    before = reading.errors
    name = row["file"]
    _must_be_there(name, node[0]["file"], reading)
    _must_be_described(row, written, node, reading)
    if ("people" in row) == ("consent" in row):
        both = "people" in row
        said = "both `people:` and `consent:`" if both else "neither `people:` nor `consent:`"
        fix = 'add `people: none`, `people: blurred`, or `consent: "who asked, and when"`'
        reading.add(key_place_of(node), f"{name} has {said}", "delete one of them" if both else fix)
    if reading.errors > before:
        return None
    return Picture(
        file=name,
        alt=row.get("alt", {}),
        decorative=row.get("decorative", False),
        people=row.get("people", People.CONSENT),
        consent=row.get("consent", ""),
        content=_fingerprint(name, reading),
    )


def _fingerprint(name: str, reading: Reading) -> str:
    """What the file holds, in short: an approval is of this picture, and not of another under its name."""
    try:
        with (Path(reading.file).parent / name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:32]
    except OSError:
        return ""  # it has just gone: making it ready will say so


def _must_be_described(
    row: Mapping[str, Any], written: Collection[Language], node: Node, reading: Reading
) -> None:
    name, alt = row["file"], row.get("alt", {})
    if row.get("decorative"):
        if alt:
            said = f"{name} is decorative, and still has a description"
            reading.add(key_place_of(node[0]["alt"]), said, "delete `decorative: true`, or `alt:`")
        return
    lacking = sorted(code for code in written if code not in alt)
    if lacking:
        said = f"{name} is not described in {', '.join(f'`{code}`' for code in lacking)}"
        example = ", ".join(f'{code}: "…"' for code in sorted({*alt, *lacking}))
        fix = f"write what it shows, for those who cannot see it: `alt: {{{example}}}`"
        reading.add(key_place_of(node[0].get("alt", node)), said, fix)


def _must_be_there(name: str, node: Node, reading: Reading) -> None:
    folder = os.path.dirname(reading.file)  # noqa: PTH120  # a Path for each post would cost as much again
    path = os.path.join(folder, name)  # noqa: PTH118
    real = os.path.realpath(path)
    root = os.path.realpath(folder or os.curdir)
    reading.beside.append(path)
    if os.path.commonpath([real, root]) != root:
        reading.add(place_of(node), f"{name} is a link that leads out of the post's folder", _BESIDE)
    elif not os.path.exists(path):  # noqa: PTH110
        there = _pictures_in(folder or os.curdir)
        fix = did_you_mean(name, there, "the pictures there are") if there else "put it there"
        reading.add(place_of(node), f"there is no file {name} beside this post", fix)
    elif not os.path.isfile(path):  # noqa: PTH113
        reading.add(place_of(node), f"{name} is not a file", "name a picture")


def _pictures_in(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
    return sorted(name for name in names if name.lower().endswith(USABLE))[:20]
