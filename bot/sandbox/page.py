"""The page that shows the three timelines, and lets a visitor speak as a supporter."""

import html
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.sandbox.faults import Faults
from bot.sandbox.record import Accepted, Boosted, Record, Shown
from bot.sandbox.server import Platform, Reply, Request

TITLES = {"x": "X", "mastodon": "Mastodon", "bluesky": "Bluesky"}
LONGEST_MENTION = 500
FOLDER = Path(__file__).parent
SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

_CLICKABLE = re.compile(r"(?<![\w/@#])(?:https?://\S*[\w/]|[#@]\w[\w@.\-]*\w)")

_BOOSTED = {False: "Boosted by the campaign.", True: "Boosted by the campaign, and taken back since."}

Speak = Callable[[str, str, str], Accepted]


class Page(Platform):
    """A web server for people."""

    name = "page"

    def __init__(
        self,
        record: Record,
        faults: Faults,
        now: Callable[[], datetime],
        port: int = 0,
        *,
        speak: Speak,
    ) -> None:
        self._speak = speak
        super().__init__(record, faults, now, port)

    def add_routes(self) -> None:
        """What a browser asks for."""
        self.route("GET", "/", "page", self._page)
        self.route("GET", "/timelines", "timelines", self._timelines)
        self.route("GET", "/page.css", "style", lambda _: _file("page.css", "text/css"))
        self.route("GET", "/page.js", "script", lambda _: _file("page.js", "text/javascript"))
        self.route("GET", "/media/{name}", "media", self._media)
        self.route("POST", "/speak", "speak", self._spoken)

    def error(self, status: int, words: str, code: str = "") -> Reply:
        """An error as a plain sentence."""
        return Reply(status=status, body=words.encode(), kind="text/plain; charset=utf-8", headers=SAFE)

    def _page(self, _: Request) -> Reply:
        frame = (FOLDER / "page.html").read_text(encoding="utf-8")
        body = frame.replace("<!-- timelines -->", self._columns())
        return Reply(body=body.encode(), kind="text/html; charset=utf-8", headers=SAFE)

    def _timelines(self, _: Request) -> Reply:
        return Reply(body=self._columns().encode(), kind="text/html; charset=utf-8", headers=SAFE)

    def _media(self, _: Request, name: str) -> Reply:
        """A picture of a post, by the hash of its bytes."""
        found = (one for post in self.record.everything() for one in post.media if one.sha256 == name)
        one = next(found, None)
        if one is None:
            return self.error(404, "There is no such picture.")
        return Reply(body=one.data, kind=one.mime, headers=SAFE)

    def _spoken(self, request: Request) -> Reply:
        origin = request.headers.get("origin", "")
        if urlsplit(origin).netloc != request.headers.get("host") or origin != self.url:
            return self.error(403, "This form is answered only from its own page.")
        form = request.form()
        platform, text = form.get("platform", ""), form.get("text", "").strip()[:LONGEST_MENTION]
        handle = "".join(one for one in form.get("handle", "") if one.isalnum() or one in "._-@")[:60].strip(
            "@"
        )
        if platform not in TITLES or not text or not handle:
            return self.error(400, "Choose a platform, and write a handle and a text.")
        self._speak(platform, handle, text)
        return Reply(status=303, headers={"Location": "/", **SAFE})

    def _columns(self) -> str:
        return "\n".join(self._column(platform, title) for platform, title in TITLES.items())

    def _column(self, platform: str, title: str) -> str:
        boosts = {one.post: one for one in self.record.boosts(platform, undone=True)}
        posts = [post for post in self.record.everything(platform) if not post.deleted]
        by_id = {post.id: post for post in posts}
        threads: dict[str, list[Accepted]] = {}
        for post in posts:
            threads.setdefault(_first(post, by_id), []).append(post)
        newest = sorted(threads.values(), key=lambda thread: thread[0].seq, reverse=True)
        shown = "\n".join(_thread(thread, boosts) for thread in newest)
        nothing = '<p class="nothing">Nothing yet.</p>'
        count = sum(post.ours for post in posts)
        heading = f'<h2 id="on-{platform}">{title} <span class="count">{count}</span></h2>'
        return (
            f'<section class="column {platform}" aria-labelledby="on-{platform}">'
            f"{heading}{shown or nothing}</section>"
        )


def _file(name: str, kind: str) -> Reply:
    return Reply(body=(FOLDER / name).read_bytes(), kind=f"{kind}; charset=utf-8", headers=SAFE)


def _first(post: Accepted, by_id: Mapping[str, Accepted]) -> str:
    """The id of the first post of a thread."""
    while post.parent_id in by_id:
        post = by_id[post.parent_id]
    return post.id


def _thread(posts: list[Accepted], boosts: Mapping[str, Boosted]) -> str:
    inner = "\n".join(_post(post, boosts.get(post.id)) for post in posts)
    return f'<div class="thread">{inner}</div>' if len(posts) > 1 else inner


def _post(post: Accepted, boost: Boosted | None) -> str:
    language = html.escape(post.language)
    speaks = f' lang="{language}"' if language else ""
    label = f'<span class="language">{language}</span>' if language else ""
    lost = '<p class="lost">The answer to this post was lost on its way.</p>' if post.answer_lost else ""
    passed = f'<p class="boosted">{_BOOSTED[boost.undone]}</p>' if boost else ""
    who = html.escape(f"@{post.author.lstrip('@')}")
    at = f'<time datetime="{post.created_at.isoformat()}">{post.created_at.astimezone():%H:%M:%S}</time>'
    return (
        f'<article id="{html.escape(post.id)}" class="post{"" if post.ours else " supporter"}">'
        f"<header><b>{who}</b>{'' if post.ours else ' <i>supporter</i>'}{label}{at}</header>"
        f'<p class="text"{speaks}>{_marked(post)}</p>{"".join(_figure(one, speaks) for one in post.media)}'
        f"{lost}{passed}</article>"
    )


def _figure(one: Shown, speaks: str) -> str:
    """A picture, with the words that those hear who cannot see it."""
    alt = html.escape(one.alt)
    words = f"<figcaption{speaks}>{alt}</figcaption>" if alt else ""
    return f'<figure><img src="/media/{one.sha256}" alt="{alt}">{words}</figure>'


def _marked(post: Accepted) -> str:
    """A text with what can be clicked in it marked: on Bluesky, exactly what its facets say."""
    if post.platform == "bluesky" and post.ours:
        return _by_facets(post.text, post.facets)
    pieces, start = [], 0
    for match in _CLICKABLE.finditer(post.text):
        pieces.append(html.escape(post.text[start : match.start()]))
        pieces.append(f"<mark>{html.escape(match.group())}</mark>")
        start = match.end()
    return "".join([*pieces, html.escape(post.text[start:])])


def _by_facets(text: str, facets: tuple[Mapping[str, Any], ...]) -> str:
    data, pieces, start = text.encode(), [], 0
    for facet in sorted(facets, key=lambda one: int(one["index"]["byteStart"])):
        begin, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if begin < start or end > len(data):
            continue
        pieces.append(html.escape(data[start:begin].decode(errors="replace")))
        pieces.append(f"<mark>{html.escape(data[begin:end].decode(errors='replace'))}</mark>")
        start = end
    return "".join([*pieces, html.escape(data[start:].decode(errors="replace"))])
