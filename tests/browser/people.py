"""People at their browsers: what each does on the pages, in the words of the page, with a picture of every step."""

from __future__ import annotations

import email
import email.policy
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

PASSWORD = "entrepot-demo"  # noqa: S105


class Person:
    """Somebody with a browser of their own. `shot` keeps a numbered picture of what they see."""

    count = 0

    def __init__(self, browser: Browser, name: str, base: str, pictures: Path, *, phone: bool = False) -> None:
        width = 390 if phone else 1280
        self.context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if phone else "light",
            reduced_motion="reduce",  # a picture in the middle of a view transition shows two pages at once
            base_url=base,
            locale="en-GB",
        )
        self.page: Page = self.context.new_page()
        self.name, self.pictures = name, pictures
        self.errors: list[str] = []
        self.page.on("console", lambda line: self.note(line.text) if line.type == "error" else None)
        self.page.on("pageerror", lambda error: self.note(str(error)))
        self.page.set_default_timeout(30_000)

    def note(self, error: str) -> None:
        """Keep what the browser complained of; that it cut a cross-fade short is no complaint."""
        if "ransition" not in error:
            self.errors.append(error)

    def shot(self, what: str) -> None:
        Person.count += 1
        self.page.screenshot(path=self.pictures / f"{Person.count:02d}-{self.name}-{what}.png", full_page=True)

    def open(self, path: str) -> None:
        self.page.goto(path)

    def click(self, words: str) -> None:
        """Press the button or follow the link of the page's middle that says `words`."""
        main = self.page.locator("main, #content")
        found = main.get_by_role("button", name=words).or_(main.get_by_role("link", name=words))
        found.first.click()

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.page.locator(f"main [name={name}], #content [name={name}]").first.fill(value)

    def choose(self, name: str, value: str) -> None:
        self.page.locator(f"main [name={name}]").first.select_option(value)

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("body")).to_contain_text(words)

    def log_in(self, address: str, code: Callable[[], str] | None = None) -> None:
        self.open("/account/login/")
        self.fill(login=address, password=PASSWORD)
        with self.page.expect_navigation():  # else the next page that is opened may overtake the form
            self.click("Log in")
        if code is not None:
            self.fill(code=code())
            with self.page.expect_navigation():
                self.page.locator("main form button").first.click()

    def wait_for(self, words: str | re.Pattern[str], seconds: float = 60) -> None:
        """Look at the page again until it says `words`: a worker is on it."""
        end = time.monotonic() + seconds
        while True:
            text = self.page.locator("body").inner_text()
            if re.search(words, text):
                return
            assert time.monotonic() < end, f"{words!r} did not come in {seconds} s; the page says:\n{text[:2000]}"
            time.sleep(1)
            self.page.reload()


def letter(folder: Path, to: str, subject: str, seconds: float = 30) -> str:
    """The text of the letter that the demo wrote into its mail folder."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for file in sorted(folder.glob("*.log"), reverse=True):
            for part in file.read_text().split("-" * 79):
                message = email.message_from_string(part.strip(), policy=email.policy.default)
                if message["To"] == to and subject in str(message["Subject"]):
                    return str(message.get_content())
        time.sleep(0.5)
    raise AssertionError(f"No letter “{subject}” to {to} in {folder}.")
