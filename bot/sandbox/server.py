"""A small HTTP server on loopback that can break off its answers anywhere."""

import json
import re
import socket
import struct
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bot.sandbox.faults import Action, Answer, Cut, Delay, Drip, Faults, Hold, Twice
from bot.sandbox.record import Asked, Record

HOST = "127.0.0.1"
LARGEST_REQUEST = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came in."""

    method: str
    path: str
    query: Mapping[str, str]
    lists: Mapping[str, list[str]]  # parameters that were given more than once
    headers: Mapping[str, str]
    body: bytes
    url: str

    def form(self) -> dict[str, str]:
        """The body as a form or as JSON."""
        if "json" in self.headers.get("content-type", ""):
            parsed = json.loads(self.body or b"{}")
            return {key: value for key, value in parsed.items() if value is not None}
        return {
            key: values[-1] for key, values in parse_qs(self.body.decode(), keep_blank_values=True).items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer before it is sent."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    stored: str = ""  # the id of the post that this request made
    kind: str = "application/json; charset=utf-8"


def as_json(value: Any, status: int = 200, *, stored: str = "", **headers: str) -> Reply:
    """A JSON answer; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        body = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character can only be written as its number
        body = json.dumps(value).encode()
    return Reply(status=status, body=body, headers=named, stored=stored)


Handler = Callable[..., Reply]


class Platform:
    """One platform's server: a table of routes, and an error form of its own."""

    name = ""

    def __init__(self, record: Record, faults: Faults, now: Callable[[], datetime], port: int = 0) -> None:
        self.record = record
        self.faults = faults
        self.now = now
        self.page_url = ""  # where people see the posts of this server
        self.stopping = Event()
        self._working = 0
        self._at_work = Condition()
        self.routes: list[tuple[str, re.Pattern[str], str, Handler]] = []
        self.add_routes()
        self._server = _Server((HOST, port), self)
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = Thread(
            target=self._server.serve_forever, args=(0.05,), name=f"sandbox {self.name}", daemon=True
        )

    def add_routes(self) -> None:
        """Fill the table of routes."""

    def route(self, method: str, path: str, operation: str, handler: Handler) -> None:
        """Add a route; {name} in the path matches one segment and is passed on."""
        pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
        self.routes.append((method, pattern, operation, handler))

    def error(self, status: int, words: str, code: str = "") -> Reply:
        """An error in the form of this platform."""
        return as_json({"error": words, "code": code}, status)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; whatever waits in a fault is let go."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def settle_down(self) -> None:
        """Let every request that waits in a fault end, so that nothing of it is recorded later."""
        self.stopping.set()
        with self._at_work:
            self._at_work.wait_for(lambda: not self._working, timeout=5)
        self.stopping.clear()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """One request, from its first byte to its record."""
        with self._at_work:
            self._working += 1
        try:
            yield
        finally:
            with self._at_work:
                self._working -= 1
                self._at_work.notify_all()

    def answer(self, request: Request) -> tuple[str, Callable[[], Reply]]:
        """The name of what is asked, and the function that does it."""
        for method, pattern, operation, handler in self.routes:
            found = pattern.fullmatch(request.path.rstrip("/") or "/")
            if found and method == request.method:
                return operation, partial(self._safely, handler, request, found.groupdict())
        if request.method == "GET" and (found_post := self._post_at(request.path)):
            where = {"Location": f"{self.page_url}/#{quote(found_post, safe=':/')}"}
            return "shown", lambda: Reply(status=302, headers=where)
        return "unknown", lambda: self.error(404, "Not Found", "not_found")

    def _post_at(self, path: str) -> str:
        """The id of the post whose address this is, as readers open it; empty where there is none."""
        wanted = self.url + path
        return next((post.id for post in self.record.everything(self.name) if post.url == wanted), "")

    def _safely(self, handler: Handler, request: Request, names: Mapping[str, str]) -> Reply:
        try:
            return handler(request, **names)
        except Exception:  # noqa: BLE001  # the judge must say that it broke, not the judged
            self.record.errors.append(traceback.format_exc())
            return self.error(500, "the sandbox broke; see record.errors", "sandbox")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], owner: "Platform") -> None:
        class Bound(_Connection):
            platform = owner

        self._errors = owner.record.errors
        super().__init__(address, Bound)

    def handle_error(self, request: object, client_address: object) -> None:
        """Write down what broke; a client that is killed in mid-request breaks nothing."""
        if not isinstance(sys.exception(), ConnectionError):
            self._errors.append(traceback.format_exc())


class _Connection(BaseHTTPRequestHandler):
    platform: Platform
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        with self.platform.at_work():
            self._serve()

    do_POST = do_DELETE = do_PUT = do_GET  # noqa: N815  # http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # http.server's name
        """Say nothing: the record says it."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, LARGEST_REQUEST))
        if len(body) < min(length, LARGEST_REQUEST):
            self.close_connection = True  # whoever asked is gone; half a request is none
            return
        parts = urlsplit(self.path)
        lists = parse_qs(parts.query, keep_blank_values=True)
        request = Request(
            method=self.command,
            path=parts.path,
            query={key: values[-1] for key, values in lists.items()},
            lists=lists,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            url=self.platform.url + self.path,
        )
        operation, carry_out = self.platform.answer(request)
        action = self.platform.faults.take(self.platform.name, operation)
        status: int | None = None
        try:
            status = self._play(action, carry_out)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the other side went first
        finally:
            self.platform.record.ask(
                Asked(
                    platform=self.platform.name,
                    operation=operation,
                    method=request.method,
                    path=request.path,
                    fault=type(action).__name__ if action else "",
                    status=status,
                    at=self.platform.now(),
                )
            )

    def _play(self, action: Action | None, carry_out: Callable[[], Reply]) -> int | None:
        match action:
            case Answer(store=store):
                if store:
                    self._lost(carry_out())
                return self._send_other(action)
            case Cut(store=store):
                self._cut(self._lost(carry_out()) if store else None, action)
                return None
            case Drip(seconds_per_byte=seconds):
                return self._send(carry_out(), seconds)
            case _:
                return self._send(self._true_answer(action, carry_out))

    def _true_answer(self, action: Action | None, carry_out: Callable[[], Reply]) -> Reply:
        """The answer as it should be, once the fault lets it go."""
        match action:
            case Twice(answer=answer):
                first, second = carry_out(), carry_out()
                return first if answer == "first" else second
            case Delay(seconds=seconds, after_store=after_store):
                reply = carry_out() if after_store else None
                self.platform.stopping.wait(seconds)
                return reply or carry_out()
            case Hold(gate=gate, store=store):
                reply = carry_out() if store else None
                gate.reached.set()
                while not gate.released.wait(0.05) and not self.platform.stopping.is_set():
                    continue
                return reply or carry_out()
            case _:
                return carry_out()

    def _lost(self, reply: Reply) -> Reply:
        """Note that what was stored is not answered as it should be."""
        if reply.stored:
            self.platform.record.amend(self.platform.name, reply.stored, answer_lost=True)
        return reply

    def _send(self, reply: Reply, seconds_per_byte: float = 0.0) -> int:
        data = self._head(reply.status, len(reply.body), {"Content-Type": reply.kind, **reply.headers})
        data += reply.body
        if not seconds_per_byte:
            self.wfile.write(data)
            return reply.status
        for place in range(len(data)):
            if self.platform.stopping.wait(seconds_per_byte):
                break
            self.wfile.write(data[place : place + 1])
            self.wfile.flush()
        self.close_connection = True
        return reply.status

    def _send_other(self, other: Answer) -> int:
        length = len(other.body) if other.says_length is None else other.says_length
        self.wfile.write(self._head(other.status, length, other.headers) + other.body)
        if other.says_length is not None:
            self.close_connection = True
        return other.status

    def _head(self, status: int, length: int, headers: Mapping[str, str]) -> bytes:
        words = self.responses.get(status, ("",))[0]
        lines = [
            f"HTTP/1.1 {status} {words}",
            f"Date: {format_datetime(self.platform.now(), usegmt=True)}",
            *(f"{name}: {value}" for name, value in headers.items()),
            f"Content-Length: {length}",
        ]
        if self.close_connection:
            lines.append("Connection: close")
        return "\r\n".join([*lines, "", ""]).encode("latin-1", errors="replace")

    def _cut(self, reply: Reply | None, cut: Cut) -> None:
        """End the connection in the middle of an answer."""
        whole = reply or Reply(status=200, body=b"{}")
        if cut.after != "nothing":
            self.wfile.write(self._head(whole.status, len(whole.body), {"Content-Type": whole.kind}))
        if cut.after == "half":
            self.wfile.write(whole.body[: len(whole.body) // 2])
        self.wfile.flush()
        if cut.reset:
            # Closing with a linger of zero sends RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
        self.close_connection = True
