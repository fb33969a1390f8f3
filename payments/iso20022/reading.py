"""XML of banks as nodes that must be there: what is missing, double or odd is refused by its path."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from fx.money import Money, MoneyError
from payments.errors import PaymentError

URN = "urn:iso:std:iso:20022:tech:xsd:"
MESSAGES = {"pain.002.001.10": "CstmrPmtStsRpt", "camt.053.001.08": "BkToCstmrStmt", "camt.053.001.02": "BkToCstmrStmt"}
LONGEST = 10 * 2**20
ENCODING = re.compile(r"""\A\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")


class BadFile(PaymentError):
    """A file of a bank that is not what it should be; nothing of it was used."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element with the path that led to it, for people who look it up in the file."""

    element: Element
    path: str
    space: str

    @property
    def tag(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def message(self) -> str:
        """`camt.053.001.08`"""
        return self.space.removeprefix(URN)

    def all(self, *tags: str) -> list[Node]:
        """Those at this path below, in the message's own namespace."""
        nodes = [self]
        for tag in tags:
            nodes = [
                Node(child, f"{node.path}/{tag}", self.space)
                for node in nodes
                for child in node.element.findall(f"{{{self.space}}}{tag}")
            ]
        return nodes

    def maybe(self, *tags: str) -> Node | None:
        """The one at this path, or none. BadFile when there are several."""
        found = self.all(*tags)
        if len(found) > 1:
            raise BadFile(
                _("%(path)s is there %(count)s times, not once. Ask the bank for a correct file.")
                % {"path": found[0].path, "count": len(found)}
            )
        return found[0] if found else None

    def one(self, *tags: str) -> Node:
        found = self.maybe(*tags)
        if found is None:
            path = "/".join((self.path, *tags))
            raise BadFile(_("%(path)s is missing. Ask the bank for a complete file.") % {"path": path})
        return found

    def text(self, *tags: str) -> str:
        """What the one at this path says; BadFile when that is nothing."""
        node = self.one(*tags)
        said = (node.element.text or "").strip()
        if not said or len(node.element):
            raise node.odd(said, _("a text"))
        return said

    def said(self, *tags: str) -> str:
        """As `text`, but empty when it is not there."""
        return self.text(*tags) if self.maybe(*tags) else ""

    def among(self, choices: Collection[str], *tags: str) -> str:
        said = self.text(*tags)
        if said not in choices:
            raise self.one(*tags).odd(said, ", ".join(sorted(choices)))
        return said

    def money(self, *tags: str) -> Money:
        """An amount, zero or more, with its Ccy."""
        node, said = self.one(*tags), self.text(*tags)
        try:
            return Money.parse(said, node.element.get("Ccy") or "")
        except MoneyError as error:
            raise BadFile(f"{node.path}: {error}") from error

    def day(self, *tags: str) -> dt.date:
        """A Dt or a DtTm below."""
        node = self.one(*tags)
        said = node.said("Dt") or node.text("DtTm")
        try:
            return dt.datetime.fromisoformat(said).date()
        except ValueError as error:
            raise node.odd(said, "2026-11-28") from error

    def odd(self, said: str, expected: str) -> BadFile:
        return BadFile(
            _("%(path)s is “%(said)s”. What can be there: %(expected)s.")
            % {"path": self.path, "said": said[:60], "expected": expected}
        )


def root(body: bytes) -> Node:
    """The message in the document: the only child, of the kind that its namespace says."""
    document = _parsed(_decoded(body))
    space, _brace, tag = document.tag.removeprefix("{").rpartition("}")
    message = space.removeprefix(URN)
    if tag != "Document" or message not in MESSAGES or not space.startswith(URN):
        raise BadFile(
            _("The file is %(tag)s of “%(space)s”. What can be read: %(known)s.")
            % {"tag": tag[:40], "space": space[:80], "known": ", ".join(MESSAGES)}
        )
    if len(document) != 1:
        raise BadFile(_("The file holds %(count)s messages, not one.") % {"count": len(document)})
    return Node(document, "Document", space).one(MESSAGES[message])


def _decoded(body: bytes) -> str:
    if len(body) > LONGEST:
        raise BadFile(_("The file is larger than 10 MB. Ask the bank for one per day."))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(_("Byte %(place)s is not UTF-8. Ask the bank for UTF-8.") % {"place": error.start}) from error
    told = ENCODING.match(text)
    if told and told[1].lower() != "utf-8":
        raise BadFile(_("The file says that it is %(told)s. Ask the bank for UTF-8.") % {"told": told[1][:40]})
    return text


def _parsed(text: str) -> Element:
    try:
        parsed: Element = fromstring(text.encode(), forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadFile(_("The file has a DTD or entities. No bank's does: do not trust it.")) from error
    except ParseError as error:
        raise BadFile(_("The file is not whole XML: %(why)s. Load it again.") % {"why": error}) from error
    return parsed
