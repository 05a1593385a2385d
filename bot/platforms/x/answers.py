"""What X says: its errors, its posts, and both names of its fields."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.lengths import PlatformName
from bot.platforms.compare import same_words
from bot.platforms.verdict import FORBIDDEN, Rules

FIELD_WORDS = ("tweet", "post")
EPOCH = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)  # from which X counts its ids
ID_BITS = 22  # of an id below its milliseconds

_ID = re.compile(r"[0-9]{1,20}")
_LINK = re.compile(r"https?://\S+")
_SHORT_LINK = "https://t.co/"
_PICTURE = re.compile(r"/status/[0-9]+/photo/[0-9]+$")
_SHUT_OUT = re.compile(
    r"\b(suspended|locked|not permitted|authenticating with)\b|client-forbidden|unsupported-authentication"
    r"|user-not-enrolled|oauth1 app permissions",
    re.IGNORECASE,
)


def all_words(answer: Mapping[str, Any]) -> Iterator[str]:
    """Everything that X says of an error; never what it repeats of our request."""
    errors = answer.get("errors")
    for one in (answer, *(errors if isinstance(errors, list) else ())):
        if isinstance(one, dict):
            found = (one.get(key) for key in ("detail", "message", "title", "type", "reason"))
            yield from (str(words) for words in found if words)


def _words(answer: Mapping[str, Any]) -> str:
    return next(all_words(answer), "")


def _says(answer: Mapping[str, Any], pattern: re.Pattern[str]) -> bool:
    return any(pattern.search(words) for words in all_words(answer))


_DUPLICATE = re.compile("duplicate", re.IGNORECASE)

RULES = Rules(
    platform=PlatformName.X,
    words=_words,
    shuts_out=lambda status, answer: status == FORBIDDEN and _says(answer, _SHUT_OUT),
    may_be_there=lambda answer: _says(answer, _DUPLICATE),
    resets=tuple(
        (f"{family}-reset", f"{family}-remaining")
        for family in ("x-rate-limit", "x-user-limit-24hour", "x-app-limit-24hour")
    ),
)


def id_in(answer: Any) -> str:
    """The id of the post that an answer holds, empty where it holds none of X's form."""
    data = answer.get("data") if isinstance(answer, dict) else None
    found = str(data.get("id", "")) if isinstance(data, dict) else ""
    return found if _ID.fullmatch(found) else ""


def made_at(post_id: str) -> datetime:
    """When a post was made, which its id says to the millisecond."""
    return EPOCH + timedelta(milliseconds=int(post_id) >> ID_BITS)


def page_of(answer: Any) -> tuple[Sequence[Mapping[str, Any]], str] | None:
    """The posts of one page, and where the next begins; None where X left out what was asked about them."""
    if not isinstance(answer, dict):
        return None
    posts = [one for one in answer.get("data") or () if id_in({"data": one})]
    if any("created_at" not in one for one in posts):
        return None
    meta = answer.get("meta")
    following = meta.get("next_token") if isinstance(meta, dict) else None
    return posts, str(following or "")


def says_deleted(answer: Any) -> bool | None:
    """Whether X says that it has deleted a post, None where it does not say."""
    data = answer.get("data") if isinstance(answer, dict) else None
    found = data.get("deleted") if isinstance(data, dict) else None
    return found if isinstance(found, bool) else None


def says_not_found(answer: Any) -> bool:
    """Whether X says that there is no such post, and nothing else."""
    if not isinstance(answer, dict) or answer.get("data"):
        return False
    errors = answer.get("errors")
    said = errors if isinstance(errors, list) and errors else [answer]
    return all(isinstance(one, dict) and one.get("title") == "Not Found Error" for one in said)


def answers(post: Mapping[str, Any]) -> str | None:
    """The id of the post that a post answers."""
    for word in FIELD_WORDS:
        for one in post.get(f"referenced_{word}s") or ():
            if isinstance(one, dict) and one.get("type") == "replied_to":
                return str(one.get("id"))
    return None


def same_post(post: Mapping[str, Any], text: str) -> bool:
    """Whether a post that X serves says what we sent."""
    there = _text(post)
    if _SHORT_LINK in there:  # X did not say what it had shortened
        return same_words(_LINK.sub("", there), _LINK.sub("", text))
    return same_words(there, text) or same_words(_text(post, pictures=False), text)


def _text(post: Mapping[str, Any], *, pictures: bool = True) -> str:
    """The words of a post that X serves: unescaped, and with its short links put back.

    X adds a link to the pictures of a post behind its words; without `pictures` it is left out.
    """
    there = text = html.unescape(str(post.get("text", "")))
    entities = post.get("entities")
    urls = entities.get("urls") if isinstance(entities, dict) else None
    for one in urls or ():
        if isinstance(one, dict) and one.get("url") and one.get("expanded_url"):
            last = there.endswith(str(one["url"])) and _PICTURE.search(str(one["expanded_url"]))
            added = last and not pictures
            text = text.replace(str(one["url"]), "" if added else str(one["expanded_url"]))
    return text
