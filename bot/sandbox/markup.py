"""Words as Mastodon serves them: HTML, with its tags, handles and links marked."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.domain.lengths import scheme_links

TAG = re.compile(r"(?<![\w&/#])#(\w*[^\W\d]\w*)")
HANDLE = re.compile(r"(?<![\w/.@])@(\w+)(?:@([\w.\-:]+[\w]))?")


@dataclass(frozen=True, slots=True)
class Markup:
    """How the server at an address marks up words."""

    url: str

    def as_html(self, text: str) -> str:
        """A text as Mastodon serves it: paragraphs, and a handle without its server."""
        paragraphs = re.split(r"\n{2,}", text.strip())
        lines = ("<br />".join(map(self._marked, paragraph.split("\n"))) for paragraph in paragraphs)
        return "".join(f"<p>{line}</p>" for line in lines)

    def _marked(self, line: str) -> str:
        pieces, start = [], 0
        links = scheme_links(line)
        found: list[tuple[int, int, Callable[[str], str]]] = [(a, b, _link) for a, b in links]
        marks: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...]
        marks = ((TAG, self._tag), (HANDLE, self._handle))
        for pattern, mark in marks:
            for match in pattern.finditer(line):
                if not any(a < match.end() and match.start() < b for a, b, _ in found):
                    found.append((match.start(), match.end(), mark))
        for begin, end, wrap in sorted(found, key=lambda one: one[0]):
            pieces += [html.escape(line[start:begin]), wrap(line[begin:end])]
            start = end
        return "".join([*pieces, html.escape(line[start:])])

    def _tag(self, text: str) -> str:
        name = html.escape(text[1:])
        return f'<a href="{self.url}/tags/{name}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'

    def _handle(self, text: str) -> str:
        name, _, server = text[1:].partition("@")
        url = f"http://{server}/@{name}" if server else f"{self.url}/@{name}"
        return (
            f'<span class="h-card"><a href="{html.escape(url)}" class="u-url mention">'
            f"@<span>{html.escape(name)}</span></a></span>"
        )


def _link(text: str) -> str:
    shown = html.escape(text)
    return f'<a href="{shown}" target="_blank" rel="nofollow noopener">{shown}</a>'
