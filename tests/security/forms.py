"""The forms of a page as a browser has them: where they go, what is in them, what kind each field is."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Attrs = dict[str, str | None]


@dataclass
class Field:
    """`kind`: amount, whole, choice, tick, email, text, secret, hidden or file."""

    name: str
    kind: str
    value: str = ""
    required: bool = False
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)

    def filled(self, fill: dict[str, str]) -> dict[str, str]:
        """What a browser would send after a person wrote `fill` into what was empty."""
        sent = {name: fill.get(name, value) for name, value in self.buttons.items()}
        for name, one in self.fields.items():
            known = one.value or fill.get(name) or fill.get(name.rpartition("-")[2], "")
            if one.kind == "choice" and not known and one.required:
                known = next((option for option in one.options if option), "")
            if known and one.kind != "file":
                sent[name] = known
        return sent


def forms_of(html: str) -> list[Form]:
    """Every form that posts."""
    reader = _Reader()
    reader.feed(html)
    return [form for form in reader.forms if form.method == "post"]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.select: Field | None = None
        self.textarea: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "form":
            self.open = Form(named.get("action") or "", (named.get("method") or "get").lower())
            self.forms.append(self.open)
        elif self.open is not None and tag in {"input", "select", "textarea", "button", "option"}:
            getattr(self, f"_{tag}")(named, self.open)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        self.select = None if tag == "select" else self.select
        self.textarea = None if tag == "textarea" else self.textarea

    def handle_data(self, data: str) -> None:
        if self.textarea is not None:
            self.textarea.value += data.removeprefix("\n")

    def _input(self, named: Attrs, form: Form) -> None:
        name, kind = named.get("name"), (named.get("type") or "text").lower()
        if not name or kind in {"submit", "button", "reset", "image"}:
            return
        value = named.get("value") or ("on" if kind == "checkbox" else "")
        if kind == "radio":
            one = form.fields.setdefault(name, Field(name, "choice"))
            one.options.append(value)
            one.value = value if "checked" in named or not one.value else one.value
            one.required = one.required or "required" in named
            return
        if kind == "checkbox":
            value = value if "checked" in named or "required" in named else ""
        form.fields[name] = Field(name, _kind(kind, named), value, "required" in named)

    def _select(self, named: Attrs, form: Form) -> None:
        if name := named.get("name"):
            self.select = form.fields[name] = Field(name, "choice", required="required" in named)

    def _option(self, named: Attrs, form: Form) -> None:
        if self.select is not None:
            self.select.options.append(named.get("value") or "")
            if "selected" in named:
                self.select.value = named.get("value") or ""

    def _textarea(self, named: Attrs, form: Form) -> None:
        if name := named.get("name"):
            self.textarea = form.fields[name] = Field(name, "text", required="required" in named)

    def _button(self, named: Attrs, form: Form) -> None:
        if (name := named.get("name")) and not form.buttons and name not in form.fields:
            form.buttons[name] = named.get("value") or ""


KINDS = {"checkbox": "tick", "email": "email", "password": "secret", "hidden": "hidden", "file": "file"}


def _kind(kind: str, named: Attrs) -> str:
    if kind in KINDS:
        return KINDS[kind]
    if kind == "number" or named.get("inputmode") == "numeric":
        return "whole"
    return "amount" if named.get("inputmode") == "decimal" else "text"
