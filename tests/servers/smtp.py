"""A small mail server, on threads of the tests: it keeps what it is given, or is as bad as it is told."""

import base64
import email
import socketserver
import ssl
import threading
from email import policy

USER, PASSWORD = "bot@example.org", "correct horse"


class SmtpServer:
    """A mail server on 127.0.0.1. `said` is everything that was said to it, `letters` what it took.

    `certificate`: with it, STARTTLS is offered; with `from_the_start`, nothing is said unencrypted.
    `refuses`: addresses it does not know. `silent`: it says nothing at all. `drips`: it never ends a line.
    """

    def __init__(self, certificate=None, *, from_the_start=False, refuses=(), silent=False, drips=False):
        self.said, self.letters, self.plain_said = [], [], []
        self.refuses, self.silent, self.drips = refuses, silent, drips
        self.wrong_password = False
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.from_the_start = from_the_start
        self.gone = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Session)
        self._server.smtp = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.gone.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False


class _Session(socketserver.StreamRequestHandler):
    timeout = 5  # a client that was left hanging does not keep the tests

    def handle(self):
        self.smtp = self.server.smtp
        self.encrypted = False
        try:
            self._handle()
        except OSError:
            return  # the other side went first
        finally:
            for one in (self.rfile, self.wfile, self.connection):
                one.close()

    def _handle(self):
        if self.smtp.silent:
            self.smtp.gone.wait(10)
            return
        if self.smtp.drips:
            while not self.smtp.gone.wait(0.02):
                self.wfile.write(b"2")
            return
        if self.smtp.from_the_start:
            self._encrypt()
        self._say("220 ready")
        while line := self.rfile.readline():
            words = line.decode().strip()
            self.smtp.said.append(words)
            if not self.encrypted:
                self.smtp.plain_said.append(words)
            verb = words.split(" ")[0].upper()
            if not getattr(self, f"_{verb.lower()}", self._unknown)(words):
                return

    def _say(self, *lines):
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
        return True

    def _encrypt(self):
        self.rfile.close()
        self.connection = self.smtp.context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.encrypted = True

    def _ehlo(self, _):
        offers = ["AUTH PLAIN", *(["STARTTLS"] if self.smtp.context and not self.encrypted else [])]
        return self._say("250-hello", *(f"250-{one}" for one in offers[:-1]), f"250 {offers[-1]}")

    def _starttls(self, _):
        self._say("220 go on")
        self._encrypt()
        return True

    def _auth(self, words):
        given = base64.b64decode(words.split(" ")[2]).decode().split("\0")[1:]
        good = given == [USER, PASSWORD] and not self.smtp.wrong_password
        return self._say("235 welcome" if good else f"535 not {given[1]}")

    def _mail(self, _):
        return self._say("250 yes")

    def _rcpt(self, words):
        known = not any(address in words for address in self.smtp.refuses)
        return self._say("250 yes" if known else "550 nobody of that name")

    def _rset(self, _):
        return self._say("250 yes")

    def _data(self, _):
        self._say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.smtp.letters.append(
            email.message_from_bytes(b"".join(lines).replace(b"\r\n", b"\n"), policy=policy.default)
        )
        return self._say("250 taken")

    def _quit(self, _):
        self._say("221 goodbye")
        return False

    def _unknown(self, _):
        return self._say("502 what?")
