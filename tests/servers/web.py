"""A small web server, on a thread of the tests: it keeps what it is asked, and answers as it is told."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class WebServer:
    """A web server on 127.0.0.1. `asked` is a list of (method, path, body)."""

    def __init__(self, status=200, headers=()):
        self.status, self.headers = status, headers
        self.asked = []
        self.came = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Asked)
        self._server.daemon_threads = False
        self._server.web = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Asked(BaseHTTPRequestHandler):
    def _answer(self):
        web = self.server.web
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        web.asked.append((self.command, self.path, body.decode()))
        web.came.set()
        self.send_response(web.status)
        for name, value in web.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = _answer  # noqa: N815  # the names are http.server's

    def log_message(self, *_):
        """Nothing on the tests' terminal."""
