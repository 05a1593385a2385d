"""What can go wrong with a request on the wire, as scripts for the sandbox."""

import json

from bot.sandbox import Answer, Cut, Delay, Drip

HTML = b"<html><body>We are down for maintenance.</body></html>"
ELSEWHERE = {"Location": "http://127.0.0.1:9/elsewhere"}

SAYS = {
    "x": lambda status, words: {"title": "Error", "status": status, "detail": words},
    "mastodon": lambda _, words: {"error": words},
    "bluesky": lambda _, words: {"error": words.partition(":")[0], "message": words},
}


def says(name, status, words, **headers):
    """A refusal in the form of a platform; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=json.dumps(SAYS[name](status, words)).encode(), headers=named)


SHUT_OUT = {
    "x": "Your account is suspended.",
    "mastodon": "Your login is currently disabled",
    "bluesky": "AccountTakedown: Account has been taken down",
}

UNCLEAR = {
    "cut before it was stored": Cut(store=False),
    "cut after it was stored": Cut(store=True),
    "reset before it was stored": Cut(store=False, reset=True),
    "reset after it was stored": Cut(store=True, reset=True),
    "cut after the headers": Cut(store=True, after="headers"),
    "reset after the headers": Cut(store=True, after="headers", reset=True),
    "cut in mid answer": Cut(store=True, after="half"),
    "reset in mid answer": Cut(store=True, after="half", reset=True),
    "200 with a page": Answer(status=200, body=HTML, store=True),
    "200 with nothing in it": Answer(status=200, body=b"{}", store=True),
    "200 with a list": Answer(status=200, body=b"[]", store=True),
    "200 with null": Answer(status=200, body=b"null", store=True),
    "200 and empty": Answer(status=200, store=True),
    "200 with half a JSON": Answer(status=200, body=b'{"id": "1', store=True),
    "200 with an odd id": Answer(status=200, body=b'{"id": " ", "data": {"id": "x y"}}', store=True),
    "200 with errors only": Answer(status=200, body=b'{"errors": [{"title": "Oh"}]}', store=True),
    "204": Answer(status=204, store=True),
    "longer than it says": Answer(status=200, body=b'{"id": "12"}', says_length=5, store=True),
    "shorter than it says": Answer(status=200, body=b'{"id": "12"}', says_length=500, store=True),
    "an answer of three megabytes": Answer(status=200, body=b" " * (3 << 20), store=True),
    "a packed answer": Answer(status=200, body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}, store=True),
    "deeply nested": Answer(status=200, body=b"[" * 100_000, store=True),
    "301 to another host": Answer(status=301, headers=ELSEWHERE),
    "302 to another host": Answer(status=302, headers=ELSEWHERE),
    "307 to another host": Answer(status=307, headers=ELSEWHERE),
    "302 to itself": Answer(status=302, headers={"Location": "/"}),
    "401 from a page": Answer(status=401, body=HTML),
    "403 from a page": Answer(status=403, body=HTML),
    "422 from a page": Answer(status=422, body=HTML),
    "429 from a page": Answer(status=429, body=HTML),
    "401 that broke off": Answer(status=401, body=b'{"error": "x"}', says_length=500),
    "408": Answer(status=408, body=b"{}"),
    "409": Answer(status=409, body=b"{}"),
    "410": Answer(status=410, body=b"{}"),
    "425": Answer(status=425, body=b"{}"),
    "500, not stored": Answer(status=500, body=b'{"error": "oh"}'),
    "500, stored": Answer(status=500, body=b'{"error": "oh"}', store=True),
    "502": Answer(status=502, body=HTML, store=True),
    "503": Answer(status=503, body=HTML),
    "504": Answer(status=504, body=HTML, store=True),
}

ENDLESS = {
    "no answer, not stored": Delay(seconds=30),
    "no answer, stored": Delay(seconds=30, after_store=True),
    "an answer that drips": Drip(seconds_per_byte=0.02),
}
