"""What a plug-in may let the shared pay page do, and what it may not."""

from __future__ import annotations

import pytest

from payments.processors import Form, Redirect, Refused, Show, Wait
from payments.processors.steps import LONGEST_QR, LONGEST_TEXT, Step, host_of, step_of

PAGE = "https://pay.example.com/p/1?lang=de"
BAD = [
    "",
    "/p/1",
    "pay.example.com",
    "javascript:alert(1)",
    "data:text/html,hello",
    "http://pay.example.com/p/1",
    "http://127.0.0.1.example.com/",
    "https://",
    "https:///p/1",
    "https://alice:secret@pay.example.com/",
    "https://pay.example.com/p 1",
    "https://pay.example.com/\r\nX: y",
    "https://pay.example.com;script-src/*",
    "https://pay.example.com,evil.example.com/",
    "https://zahlen-für-alle.example.com/",
    "https://pay.example.com:port/",
    "https://pay.example.com/" + "a" * 2000,
]


@pytest.mark.parametrize("url", BAD)
def test_a_buyer_is_never_sent_to_such_an_address(url: str) -> None:
    for make in (Redirect, Form):
        with pytest.raises(Refused):
            make(url)


@pytest.mark.parametrize(
    "step",
    [
        Redirect(PAGE),
        Redirect("http://127.0.0.1:9000/p/1"),
        Redirect("http://[::1]:9000/p/1"),
        Form(PAGE, {"id": "1", "sum": "19.99"}),
        Show((("Code", "123 456"),), "Type it into your app.", "app:123456"),
        Show(),
        Wait("Your bank asks you in its app."),
    ],
)
def test_what_is_kept_is_read_back(step: Step) -> None:
    assert step_of({"other": 1} | step.client) == step


def test_without_a_step_the_buyer_waits() -> None:
    assert step_of({}) == Wait()


def test_only_a_form_needs_the_content_policy_to_know_its_host() -> None:
    assert host_of(Form("https://pay.example.com:8443/p", {})) == "https://pay.example.com:8443"
    assert [host_of(step) for step in (Redirect(PAGE), Show(), Wait())] == ["", "", ""]


def test_texts_that_would_fill_the_page_are_refused() -> None:
    for make in (
        lambda: Wait("a" * (LONGEST_TEXT + 1)),
        lambda: Show([("a", "b")] * 31),
        lambda: Show(qr="ü" * LONGEST_QR),
        lambda: Form(PAGE, {str(n): "" for n in range(31)}),
        lambda: Form(PAGE, {"sum": 19}),  # type: ignore[dict-item]
        lambda: Wait(None),  # type: ignore[arg-type]
    ):
        with pytest.raises(Refused):
            make()
