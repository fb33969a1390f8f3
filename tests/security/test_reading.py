"""Reading changes nothing: everybody follows every link they are shown, and the database stays as it was."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from tests.security.actors import ACTORS, Actor
from tests.security.digest import changed_by, digest
from tests.security.stage import Stage

pytestmark = pytest.mark.django_db
STARTS = ["/", "/browse/", "/sell/", "/sell/money/", "/orders/", "/account/", "/cart/", "/api/v1/", "/admin/"]
ENOUGH = 45  # pages per person; a list that never ends is a mistake of its own
VARIANTS = 2  # of one path with different parameters


class Links(HTMLParser):
    """What a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "a" and (href := named.get("href")):
            self.found.append(href)
        if tag == "form" and (named.get("method") or "get").lower() == "get":
            self.found.append(named.get("action") or "")


class Walk:
    """One person's way through the site. `broken`: links that were shown and do not work."""

    def __init__(self, actor: Actor, starts: list[str]) -> None:
        self.actor, self.waiting = actor, [(start, "the start") for start in starts]
        self.seen: set[str] = set()
        self.paths: dict[str, int] = {}
        self.broken: list[str] = []

    def go(self) -> None:
        while self.waiting and len(self.seen) < ENOUGH:
            self._open(*self.waiting.pop(0))

    def _open(self, address: str, shown_on: str) -> None:
        path = urlsplit(address).path
        if address in self.seen or self.paths.get(path, 0) >= VARIANTS:
            return
        self.seen.add(address)
        self.paths[path] = self.paths.get(path, 0) + 1
        answer = self.actor.ask("GET", address)
        if answer.status_code >= 400 and shown_on != "the start":
            self.broken.append(f"{address}, shown on {shown_on}, is {answer.status_code}")
        if answer.status_code >= 500:
            self.broken.append(f"{address} is {answer.status_code}")
        self._note(answer, address)

    def _note(self, answer: object, address: str) -> None:
        content = getattr(answer, "content", b"")
        headers = getattr(answer, "headers", {})
        hrefs = [headers["Location"]] if "Location" in headers else []
        if headers.get("Content-Type", "").startswith("text/html"):
            page = Links()
            page.feed(content.decode())
            hrefs += page.found
        for href in hrefs:
            target = urldefrag(urljoin(f"http://testserver{address}", href)).url
            if urlsplit(target).netloc == "testserver" and urlsplit(target).scheme == "http":
                self.waiting.append((target.removeprefix("http://testserver"), address))


@pytest.mark.parametrize("who", ACTORS)
def test_following_every_link_changes_nothing_and_none_is_dead(who: str, stage: Stage) -> None:
    own = (
        [f"/pay/{stage.checkouts['placed'].token}/", f"/pay/{stage.checkouts['coins'].token}/"] if who == "bob" else []
    )
    walk = Walk(Actor(who, stage), [*STARTS, *own])
    before = digest()
    assert changed_by(walk.go, before) == set()
    assert walk.broken == []
    assert len(walk.seen) > 15


@pytest.mark.parametrize("verb", ["get", "head", "options"])
def test_a_link_that_acts_needs_a_post(verb: str, stage: Stage) -> None:
    """Even a link that somebody planted: the verbs' own addresses do nothing when they are only opened."""
    bob, number = Actor("bob", stage), stage.orders["delivered"].number
    alice, paid = Actor("alice", stage), stage.orders["paid"].number

    def open_all() -> None:
        for actor, path in (
            (bob, f"/orders/{number}/confirm/"),
            (bob, f"/pay/{stage.checkouts['placed'].token}/cancel/"),
            (bob, f"/cart/add/?listing={stage.scarf.pk}&quantity=1"),
            (alice, f"/sell/orders/{paid}/ship/?carrier=Post&tracking_number=EE123456785IN"),
            (alice, "/sell/money/payout/"),
            (alice, f"/sell/listings/{stage.draft.pk}/submit/"),
            (alice, "/account/token/revoke/"),
        ):
            assert getattr(actor.client, verb)(path).status_code == 405, path

    assert changed_by(open_all, digest()) == set()
