"""What the lexicon of Bluesky refuses about a post, in the words of the real server.

Facets that lie beyond the text, or cut a character in two, are not among it: the real server stores those.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.lengths import BLUESKY_BYTES, BLUESKY_GRAPHEMES, graphemes
from bot.sandbox.record import Shown
from bot.sandbox.uploads import MOST, Shelf

MOST_LANGS = 3
LONGEST_TAG, LONGEST_TAG_BYTES = 64, 640
IMAGES = "app.bsky.embed.images"
LARGEST_IMAGE = 1_000_000

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_URI = re.compile(r"at://did:[a-z]+:[\w.:%-]+/[\w.]+/[\w.~:-]+")
_CID = re.compile(r"b[a-z2-7]{20,}")
_DID = re.compile(r"did:[a-z]+:[\w.:%-]+")


def objection(record: dict[str, Any]) -> str:
    """What is wrong with a record, empty where nothing is."""
    return (
        _text(record.get("text"))
        or _made_at(record.get("createdAt"))
        or _langs(record.get("langs", []))
        or _facets(record.get("facets", []))
        or _reply(record.get("reply"))
        or _embed(record.get("embed"))
    )


def missing_in(record: dict[str, Any], uploads: Shelf) -> str:
    """The name of a picture in a record that was never uploaded as the record says; empty where none is."""
    for image in _images(record):
        blob = image["image"]
        found = uploads.get(blob["ref"]["$link"])
        if found is None or (found.mime, len(found.data)) != (blob["mimeType"], blob["size"]):
            return str(blob["ref"]["$link"])
    return ""


def shown_in(record: dict[str, Any], uploads: Shelf) -> tuple[Shown, ...]:
    """The pictures that a record shows, with its words for them."""
    found = ((uploads.get(image["image"]["ref"]["$link"]), image["alt"]) for image in _images(record))
    return tuple(replace(shown, alt=alt) for shown, alt in found if shown)


def _images(record: dict[str, Any]) -> list[dict[str, Any]]:
    images: list[dict[str, Any]] = (record.get("embed") or {}).get("images", [])
    return images


def _embed(embed: dict[str, Any] | None) -> str:
    if embed is None:
        return ""
    if embed.get("$type") != IMAGES or len(embed["images"]) > MOST:
        return "Invalid embed at $.record.embed"
    return next(filter(None, map(_image, embed["images"])), "")


def _image(image: dict[str, Any]) -> str:
    place = "$.record.embed.images"
    if not isinstance(image.get("alt"), str):
        return f"Missing required key alt at {place}"
    size, mime = image["image"]["size"], image["image"]["mimeType"]
    if size > LARGEST_IMAGE:
        return f"blob too big (maximum {LARGEST_IMAGE}, got {size}) at {place}.image"
    if not mime.startswith("image/"):
        return f'Expected "image/*" (got "{mime}") at {place}.image'
    if min(image.get("aspectRatio", {"width": 1}).values()) < 1:
        return f"integer too small (minimum 1) at {place}.aspectRatio"
    return ""


def _text(text: Any) -> str:
    if not isinstance(text, str):
        return "Missing required key text at $.record"
    size, length = len(text.encode()), len(graphemes(text))
    if size > BLUESKY_BYTES:
        return f"string too big (maximum {BLUESKY_BYTES}, got {size}) at $.record.text"
    if length > BLUESKY_GRAPHEMES:
        return f"grapheme too big (maximum {BLUESKY_GRAPHEMES}, got {length}) at $.record.text"
    return ""


def _made_at(written: Any) -> str:
    try:
        sound = datetime.fromisoformat(str(written)).tzinfo is not None
    except ValueError:
        sound = False
    return "" if sound else "Invalid datetime at $.record.createdAt"


def _reply(reply: dict[str, Any] | None) -> str:
    for name in ("root", "parent") if reply is not None else ():
        reference = (reply or {}).get(name) or {}
        if not _URI.fullmatch(str(reference.get("uri"))):
            return f"Invalid AT URI at $.record.reply.{name}.uri"
        if not _CID.fullmatch(str(reference.get("cid"))):
            return f"Invalid CID at $.record.reply.{name}.cid"
    return ""


def _langs(langs: list[Any]) -> str:
    if len(langs) > MOST_LANGS:
        return f"array too big (maximum {MOST_LANGS}, got {len(langs)}) at $.record.langs"
    if any(not _LANGUAGE.fullmatch(str(one)) for one in langs):
        return "Invalid language at $.record.langs"
    return ""


def _facets(facets: list[dict[str, Any]]) -> str:
    for facet in facets:
        if facet["index"]["byteStart"] < 0:
            return "integer too small (minimum 0) at $.record.facets.index.byteStart"
        for feature in facet["features"]:
            tag = feature.get("tag", "")
            if len(graphemes(tag)) > LONGEST_TAG or len(tag.encode()) > LONGEST_TAG_BYTES:
                return f"grapheme too big (maximum {LONGEST_TAG}) at $.record.facets.features.tag"
            if "did" in feature and not _DID.fullmatch(feature["did"]):
                return "Invalid DID at $.record.facets.features.did"
            if "uri" in feature and ":" not in feature["uri"]:
                return "Invalid uri at $.record.facets.features.uri"
    return ""


def is_repost(record: Any) -> bool:
    """Whether a record names what it boosts, as the real server demands."""
    subject = record.get("subject") if isinstance(record, dict) else None
    return isinstance(subject, dict) and all(subject.get(name) for name in ("uri", "cid"))
