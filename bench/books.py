"""Books on a PostgreSQL that keeps what it commits, and eight clients that post: by our Python, and by pgbench."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from bench.poster import ACCOUNTS
from marketplace.run.postgres import Postgres

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = 8
CLIENT = "import django; django.setup(); from bench.poster import main; main()"
# What payments.ledger.posting.post sends for a journal of two legs: the same statements in the same order.
SCRIPT = """\\set a random(0, {last})
\\set step random(1, {last})
\\set b (:a + :step) % ({last} + 1)
begin;
select code, id, currency, kind, guarded from ledger_account where code = any(array[{codes}]);
select ledger_post('bench:' || gen_random_uuid(), 'bench', '', now(), array[{ids}]::bigint[], array[1, -1]::bigint[]);
commit;
"""
FILL = """
with made as (
  insert into ledger_journal (key, kind, ref, fingerprint, occurred_at)
  select 'fill:' || %(from)s || ':' || n, 'fill', '', gen_random_uuid(), now() from generate_series(1, %(count)s) n
  returning id)
insert into ledger_entry (journal_id, line, account_id, currency, amount)
select id, line, case line when 1 then %(hot)s else %(first)s + id %% %(accounts)s end, 'EUR',
  case line when 1 then 1 else -1 end
from made, generate_series(1, 2) line"""


@dataclass(frozen=True, slots=True)
class Book:
    """One database of the server; `first` is the id of the first of the thousand accounts, `hot` of the shared one."""

    server: Postgres
    name: str
    first: int
    hot: int

    @property
    def url(self) -> str:
        return f"postgres://market@/{self.name}?host={self.server.socket}"

    def query(self, sql: str, params: object = None) -> list[tuple[int, ...]]:
        with (
            psycopg2.connect(host=str(self.server.socket), user="market", dbname=self.name) as link,
            link.cursor() as cursor,
        ):
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []

    def pgbench(self, pattern: str, seconds: float, folder: Path) -> float:
        """Journals per second by pgbench with as many clients, sending what our Python sends."""
        script = folder / f"{self.name}-{pattern}.sql"
        script.write_text(self._script(pattern))
        command = [
            *(str(self.server.bin / "pgbench"), "-n", "-c", str(CLIENTS), "-j", "2", "-T", str(int(seconds))),
            *("-f", str(script), "-h", str(self.server.socket), "-U", "market", self.name),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        assert found, f"pgbench ended with {done.returncode}: {done.stderr}{done.stdout}"
        return float(found[1])

    def _script(self, pattern: str) -> str:
        name, one = "'clearing:bench' || lpad((:{})::text, 4, '0') || ':EUR'", f"{self.first} + :"
        codes, ids = [name.format("a"), name.format("b")], [f"{one}a", f"{one}b"]
        if pattern == "hot":
            codes[1], ids[1] = "'clearing:hot:EUR'", str(self.hot)
        return SCRIPT.format(last=ACCOUNTS - 1, codes=", ".join(codes), ids=", ".join(ids))

    def fill(self, entries: int, *, at_once: int = 500_000) -> None:
        """At least as many entries more, through the same triggers, half of them on the shared account."""
        for start in range(0, entries // 2, at_once):
            count = min(at_once, entries // 2 - start)
            values = {"from": start, "count": count, "hot": self.hot, "first": self.first, "accounts": ACCOUNTS}
            self.query(FILL, values)
        self.query("analyze")


class Clients:
    """Eight processes of our Python on one book."""

    def __init__(self, book: Book) -> None:
        env = surroundings(book.url)
        self._children = [
            subprocess.Popen(
                [sys.executable, "-c", CLIENT],
                cwd=ROOT,
                env=env,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(CLIENTS)
        ]
        assert {self._answer(child) for child in self._children} == {"ready"}

    def post(self, pattern: str, seconds: float) -> float:
        """Journals per second of all together."""
        for child in self._children:
            assert child.stdin is not None
            print(pattern, seconds, file=child.stdin, flush=True)
        return sum(int(self._answer(child)) for child in self._children) / seconds

    def stop(self) -> None:
        for child in self._children:
            assert child.stdin is not None
            child.stdin.close()
            child.wait(30)

    def _answer(self, child: subprocess.Popen[str]) -> str:
        assert child.stdout is not None
        return child.stdout.readline().strip()


@contextmanager
def books(folder: Path, *names: str) -> Iterator[Sequence[Book]]:
    """New books on a server of their own, which syncs each commit to the disk."""
    with ExitStack() as stack:
        server = Postgres(folder / "pg", folder / "pg.log", durable=True)
        server.start()
        stack.callback(server.stop)
        manage(server.url, "migrate", "--verbosity=0")
        run(
            [sys.executable, "-c", "import django; django.setup(); from bench.poster import open_accounts as o; o()"],
            server.url,
        )
        made = [_copied(server, name) for name in names]
        yield made


def _copied(server: Postgres, name: str) -> Book:
    tool = str(server.bin / "createdb")
    subprocess.run([tool, "-h", str(server.socket), "-U", "market", "-T", "market", name], check=True)
    [(first,)] = Book(server, name, 0, 0).query("select min(id) from ledger_account where code like 'clearing:bench%'")
    [(hot,)] = Book(server, name, 0, 0).query("select id from ledger_account where code = 'clearing:hot:EUR'")
    return Book(server, name, first, hot)


def manage(url: str, *words: str) -> None:
    run([sys.executable, "manage.py", *words], url)


def run(command: Sequence[str], url: str) -> None:
    subprocess.run(command, cwd=ROOT, env=surroundings(url), check=True)


def surroundings(url: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": "unix:///none",
        "ENTREPOT_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
    }
