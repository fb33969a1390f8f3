"""Ports on the loopback address."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path

import psutil

from marketplace.run.places import Refusal

HOST = "127.0.0.1"


def wanted_port() -> int:
    """The site's port: PORT, or 8000. Raises Refusal for nonsense and for a taken one."""
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise Refusal(f"PORT={text!r} is not a port: use a number from 1 to 65535.")
    port = int(text)
    try:
        probe(port)
    except PermissionError:
        raise Refusal(f"Port {port} is for root only. Choose another: PORT=8000.") from None
    except OSError:
        other = port + 1 if port < 65535 else 8000
        raise Refusal(
            f"Port {port} is taken{by_whom(port)}. Choose another: PORT={other} python3 manage.py demo"
        ) from None
    return port


def free_port(folder: Path, name: str) -> int:
    """A free port for a helper: the one it had at the last start, if that is still free."""
    file = folder / "ports.json"
    known: dict[str, int] = {}
    with contextlib.suppress(OSError, ValueError):
        known = json.loads(file.read_text())
    try:
        port = probe(known.get(name, 0))
    except OSError:
        port = probe(0)
    file.write_text(json.dumps(known | {name: port}))
    return port


def probe(port: int) -> int:
    """Binds and lets go; returns the number, chosen by the system for 0. Raises OSError."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        return int(listener.getsockname()[1])


def answers(port: int) -> bool:
    """Whether somebody accepts connections there."""
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False


def by_whom(port: int) -> str:
    """` by python3 (process 12)`, or nothing where the system does not tell."""
    with contextlib.suppress(psutil.Error, OSError):
        for link in psutil.net_connections("tcp"):
            here = link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port
            if here and link.pid:
                return f" by {psutil.Process(link.pid).name()} (process {link.pid})"
    return ""
