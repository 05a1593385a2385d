"""The sandbox is held against real servers: the same raw requests, the same status, error and fields."""

import json
import urllib.error
import urllib.request

import pytest

from tests.servers.bluesky import require
from tests.servers.mastodon import TOKEN

POST = "app.bsky.feed.post"
KEY = "3jzfcijpj2z2"  # all of a record's name but its last letter
FACET = "app.bsky.richtext.facet#"

DIFFERENT = {
    "bluesky: a method nobody knows": "the real server passes it on to an app that is not there",
    "mastodon: a reply to nobody": "mastodon-mock takes it; Mastodon answers 404, as the sandbox does",
}
"""Where they differ, and how. A line whose requests are answered alike must go."""


class Caller:
    """Raw requests to one server, as our account there."""

    def __init__(self, url, **names):
        self.url = url
        self.names = names
        self.token = ""

    def ask(self, path, body=None, token=None):
        """What a request was answered: its status, the name of its error, the fields of its success."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if bearer := self.token if token is None else token:
            headers["Authorization"] = f"Bearer {bearer}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/{path}", data=data, headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                self.answer = json.loads(answer.read() or b"null")
                return answer.status, "", frozenset(self.answer or ())
        except urllib.error.HTTPError as error:
            self.answer = json.loads(error.read())
            # Bluesky's errors have names, Mastodon's are sentences in the language of the reader.
            named = "message" in self.answer
            return error.code, self.answer["error"] if named else "a sentence", frozenset()

    def login(self, **changes):
        form = {"identifier": self.names["handle"], "password": self.names["password"], **changes}
        return self.ask("xrpc/com.atproto.server.createSession", form, token="")

    def put(self, letter, *, names=(), token=None, **record):
        whole = {"$type": POST, "text": "March.", "createdAt": "2027-05-01T12:00:00.000Z", **record}
        name = {"repo": self.names["did"], "collection": POST, "rkey": KEY + letter, "swapRecord": None}
        return self.ask("xrpc/com.atproto.repo.putRecord", {**name, "record": whole, **dict(names)}, token)

    def facet(self, start=0, end=6, **feature):
        kind, value = next(iter(feature.items()))
        named = {"link": "uri", "mention": "did", "tag": "tag"}[kind]
        features = [{"$type": FACET + kind, named: value}]
        return self.put("x", facets=[{"index": {"byteStart": start, "byteEnd": end}, "features": features}])

    def get(self, letter, repo=None):
        repo = repo or self.names["did"]
        return self.ask(f"xrpc/com.atproto.repo.getRecord?repo={repo}&collection={POST}&rkey={KEY}{letter}")

    def twice(self, request):
        request()
        return request()

    def reply(self, cid):
        reference = {"uri": f"at://{self.names['did']}/{POST}/{KEY}a", "cid": cid}
        return self.put("r", reply={"root": reference, "parent": reference})

    def status(self, text, **more):
        return self.ask("api/v1/statuses", {"status": text, **more})


CASES = {
    "bluesky: a login": lambda one: one.login(),
    "bluesky: a wrong password": lambda one: one.login(password="wrong"),
    "bluesky: a login without a password": lambda one: one.login(password=None),
    "bluesky: a question without a token": lambda one: one.ask(
        "xrpc/com.atproto.server.getSession", token=""
    ),
    "bluesky: a token that is none": lambda one: one.ask("xrpc/com.atproto.server.getSession", token="x.y"),
    "bluesky: who we are": lambda one: one.ask("xrpc/com.atproto.server.getSession"),
    "bluesky: a refresh with the wrong token": lambda one: one.ask(
        "xrpc/com.atproto.server.refreshSession", {}
    ),
    "bluesky: a record": lambda one: one.put("a"),
    "bluesky: the same record": lambda one: one.twice(lambda: one.put("b")),
    "bluesky: another record of that name": lambda one: (one.put("c"), one.put("c", text="No."))[1],
    "bluesky: a record without a token": lambda one: one.put("d", token=""),
    "bluesky: a record of somebody else": lambda one: one.put(
        "d", names={"repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}
    ),
    "bluesky: 300 characters": lambda one: one.put("e", text="ж" * 300),
    "bluesky: 301 characters": lambda one: one.put("f", text="ж" * 301),
    "bluesky: too many bytes": lambda one: one.put("f", text="👩‍👩‍👧" * 170),
    "bluesky: no words": lambda one: one.put("g", text=""),
    "bluesky: no text": lambda one: one.put("g", text=None),
    "bluesky: a name that is no timestamp": lambda one: one.put("h", names={"rkey": "may-day"}),
    "bluesky: four languages": lambda one: one.put("h", langs=["be", "en", "fr", "de"]),
    "bluesky: a language that is none": lambda one: one.put("h", langs=["in English"]),
    "bluesky: a time that is none": lambda one: one.put("h", createdAt="noon"),
    "bluesky: a time without a zone": lambda one: one.put("h", createdAt="2027-05-01T12:00:00"),
    "bluesky: a reply to no content id": lambda one: one.reply(""),
    "bluesky: a field nobody knows": lambda one: one.put("i", more="x"),
    "bluesky: a facet before the text": lambda one: one.facet(start=-1, tag="x"),
    "bluesky: a facet beyond the text": lambda one: one.facet(end=900, tag="x"),
    "bluesky: a tag of 65 characters": lambda one: one.facet(tag="ж" * 65),
    "bluesky: a mention of no DID": lambda one: one.facet(mention="nobody"),
    "bluesky: a link to nowhere": lambda one: one.facet(link="nowhere"),
    "bluesky: a record that is there": lambda one: (one.put("j"), one.get("j"))[1],
    "bluesky: a record that is not": lambda one: one.get("z"),
    "bluesky: a record read by our handle": lambda one: (one.put("k"), one.get("k", one.names["handle"]))[1],
    "bluesky: our own handle": lambda one: one.ask(
        f"xrpc/com.atproto.identity.resolveHandle?handle={one.names['handle']}"
    ),
    "bluesky: a handle nobody has": lambda one: one.ask(
        f"xrpc/com.atproto.identity.resolveHandle?handle=nobody.{one.names['handle'].partition('.')[2]}"
    ),
    "bluesky: a method nobody knows": lambda one: one.ask("xrpc/com.atproto.repo.nothing"),
    "mastodon: who we are": lambda one: one.ask("api/v1/accounts/verify_credentials"),
    "mastodon: a question without a token": lambda one: one.ask(
        "api/v1/accounts/verify_credentials", token=""
    ),
    "mastodon: a wrong token": lambda one: one.ask("api/v1/accounts/verify_credentials", token="wrong"),
    "mastodon: a post": lambda one: one.status("March."),
    "mastodon: no words": lambda one: one.status(""),
    "mastodon: too many words": lambda one: one.status("x" * 5001),
    "mastodon: a post without a token": lambda one: one.ask("api/v1/statuses", {"status": "x"}, token=""),
    "mastodon: a reply to nobody": lambda one: one.status("March.", in_reply_to_id="1"),
    "mastodon: a post that is there": lambda one: (
        one.status("March."),
        one.ask(f"api/v1/statuses/{one.answer['id']}"),
    )[1],
    "mastodon: its source": lambda one: (
        one.status("March."),
        one.ask(f"api/v1/statuses/{one.answer['id']}/source"),
    )[1],
    "mastodon: a post that is not": lambda one: one.ask("api/v1/statuses/1"),
    "mastodon: the source of a post that is not": lambda one: one.ask("api/v1/statuses/1/source"),
    "mastodon: the server": lambda one: one.ask("api/v2/instance"),
}


@pytest.fixture
def pair(request, sandbox):
    """A real server and the sandbox, asked as our account there."""
    if request.node.callspec.params["case"].startswith("mastodon"):
        real = Caller(request.getfixturevalue("mastodon_mock").url)
        real.token = TOKEN
        ours = Caller(sandbox.mastodon.url)
        ours.token = sandbox.mastodon.account.token
        return real, ours
    require()
    server = request.getfixturevalue("bluesky_server")
    account, ours = server.campaign(), sandbox.bluesky.account
    real = Caller(server.url, did=account.did, handle=account.handle, password=account.app_password)
    real.token = server.app_token(account)
    rehearsal = Caller(sandbox.bluesky.url, did=ours.id, handle=ours.handle, password=ours.app_password)
    rehearsal.login()
    rehearsal.token = rehearsal.answer["accessJwt"]
    return real, rehearsal


@pytest.mark.parametrize("case", CASES)
def test_the_sandbox_answers_as_a_real_server_does(pair, case):
    real, rehearsal = (CASES[case](one) for one in pair)
    # A real server says more than the sandbox; what the sandbox says, a real server says too.
    alike = real[:2] == rehearsal[:2] and rehearsal[2] <= real[2]

    if case in DIFFERENT:
        assert not alike, f"they answer alike now: take the line out of DIFFERENT ({DIFFERENT[case]})"
    else:
        assert alike, (real, rehearsal)


def test_every_difference_is_one_of_a_case():
    assert set(DIFFERENT) <= set(CASES)
