"""Programs of other makers that only some parts need: nodes of chains and a browser."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from marketplace.run.places import make_folder

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
MAC_BROWSER = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


def find_bitcoind() -> Path | None:
    """The node's program: BITCOIND, then PATH, then where `install-bitcoind` puts it."""
    there = Path.home() / ".cache" / "bitcoind" / "bin" / "bitcoind"
    named = os.environ.get("BITCOIND")
    found = shutil.which(named) if named else shutil.which("bitcoind") or shutil.which(there)
    return Path(found) if found else None


def find_anvil() -> Path | None:
    """The EVM test node's program: ANVIL, then PATH."""
    found = shutil.which(os.environ.get("ANVIL") or "anvil")
    return Path(found) if found else None


def find_chromium() -> Path | None:
    """The browser's program: CHROMIUM, then PATH, then macOS' usual place."""
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else [*BROWSERS, MAC_BROWSER]:
        if found := shutil.which(name):
            return Path(found)
    return None


def configure_node(folder: Path, port: int) -> str:
    """Writes a regtest node's bitcoin.conf into its data folder; returns the RPC address.

    The password is kept: a wallet or a state file of an earlier start may name it.
    """
    secret = make_folder(folder, 0o700) / "rpc-password"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(24))
    config = folder / "bitcoin.conf"
    config.touch(mode=0o600)
    config.write_text(
        "regtest=1\nserver=1\nlisten=0\nfallbackfee=0.0002\nprinttoconsole=1\n"
        f"[regtest]\nconnect=0\nrpcbind=127.0.0.1\nrpcallowip=127.0.0.1\nrpcport={port}\n"
        f"rpcuser=entrepot\nrpcpassword={secret.read_text()}\n"
    )
    return f"http://entrepot:{secret.read_text()}@127.0.0.1:{port}"


def anvil_words(program: Path, folder: Path, port: int) -> list[str]:
    """A test chain that keeps its state in the folder and calls a block final when two are on top of it."""
    state = make_folder(folder) / "state.json"
    shape = ["--chain-id=31337", "--slots-in-an-epoch=1", f"--state={state}", "--state-interval=5"]
    return [str(program), "--host=127.0.0.1", f"--port={port}", *shape]
