"""The HTTP side: the API under /v1/, the hosted test pages, and the controls that only a double has."""

from __future__ import annotations

import json
import secrets
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from payments.doubles.stripe import api, control, files, pages
from payments.doubles.stripe.errors import ApiError

if TYPE_CHECKING:
    from payments.doubles.stripe.double import Double

MOST_BYTES = 1024 * 1024
LONGEST_UPLOAD = 8 * MOST_BYTES


def handler_for(double: Double) -> type[BaseHTTPRequestHandler]:
    """A handler class bound to `double`, as http.server wants it."""
    return type("BoundHandler", (Handler,), {"double": double})


class Server(ThreadingHTTPServer):
    """A thread per connection, which ends with the process. Who hangs up early is no error here."""

    daemon_threads = True
    request_queue_size = 128

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # without http.server's look-up of our name, which may hang

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    double: Double
    disable_nagle_algorithm = True
    protocol_version = "HTTP/1.1"
    server_version = "StripeDouble"
    timeout = 60

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        uploads = files.is_upload(headers)
        if length > (LONGEST_UPLOAD if uploads else MOST_BYTES):
            self.close_connection = True
            return self._send(413, b"{}")
        data = self.rfile.read(length)
        body = files.as_form(self.double, data, headers) if uploads else data.decode("utf-8", "replace")
        if url.path.startswith(("/v1/", "/v2/")):
            return self._api(url.path, body if self.command == "POST" else url.query, headers)
        if url.path.startswith("/_double/"):
            return self._control(url.path, body, headers)
        return self._page(url.path, body, headers)

    def _api(self, path: str, text: str, headers: dict[str, str]) -> None:
        answer = api.call(self.double, self.command, path, text, headers)
        data = api.encoded(answer)
        if answer.lost:
            if answer.lost == "half":
                self._send(answer.status, data, answer.headers, cut=len(data) // 2)
            self.close_connection = True
            self.connection.close()
            return
        self._send(answer.status, data, answer.headers)

    def _control(self, path: str, body: str, headers: dict[str, str]) -> None:
        try:
            made = control.call(self.double, path, body, headers)
            self._send(200, json.dumps(made, indent=2).encode())
        except ApiError as error:
            self._send(error.status, json.dumps(error.body).encode())

    def _page(self, path: str, body: str, headers: dict[str, str]) -> None:
        page = pages.call(self.double, self.command, path, body, headers)
        if page.location:
            return self._send(303, b"", {"Location": page.location})
        return self._send(page.status, page.data, {"Content-Type": page.kind})

    def _send(
        self,
        status: int,
        data: bytes,
        headers: dict[str, str] | None = None,
        cut: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(data)),
            "Request-Id": f"req_{secrets.token_hex(7)}",
            "Cache-Control": "no-store",
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[:cut])
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the demo's screen is for people."""
