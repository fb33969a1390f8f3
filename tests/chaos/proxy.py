"""A PostgreSQL that loses an answer: a Unix socket before the real server which hides that a COMMIT succeeded."""

from __future__ import annotations

import contextlib
import select
import socket
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COMMIT = b"COMMIT\0"  # in the client's query, and in the tag of the server's answer


class Proxy:
    """`folder` is the host to connect to. The `fatal`-th COMMIT from now is done and never confirmed."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        """`params` are libpq's for the real server."""
        self.params, self.folder = params, Path(tempfile.mkdtemp(prefix="entrepot-proxy-"))
        self.fatal = self.seen = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / ".s.PGSQL.5432"))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def has_struck(self) -> bool:
        return 0 < self.fatal <= self.seen

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        (self.folder / ".s.PGSQL.5432").unlink()
        self.folder.rmdir()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, self._server() as server, contextlib.suppress(OSError):
            hiding = False
            while True:
                ready, _, _ = select.select([client, server], [], [], 60)
                for source in ready:
                    data = source.recv(65536)
                    if source is client:
                        hiding = hiding or self._is_fatal(data)
                    if not data or (hiding and source is server and COMMIT in data):
                        return
                    (server if source is client else client).sendall(data)

    def _is_fatal(self, data: bytes) -> bool:
        self.seen += data.startswith(b"Q") and data.endswith(COMMIT)
        return self.seen == self.fatal and data.endswith(COMMIT)

    def _server(self) -> socket.socket:
        host, port = str(self.params.get("host") or "/tmp"), int(self.params.get("port") or 5432)
        if host.startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{host}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((host, port))
