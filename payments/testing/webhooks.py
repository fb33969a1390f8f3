"""Clauses about webhooks: nothing is believed that is not signed, and each names its object and itself."""

from __future__ import annotations

import pytest

from payments.processors.base import BadSignature, Can
from payments.testing.subject import Subject, paid


class Webhooks:
    def test_a_genuine_webhook_names_its_object_and_itself(self, subject: Subject) -> None:
        if not hooks(subject):
            return
        made = paid(subject)
        body, headers = subject.webhook(made.ref)
        first, again = (subject.processor.parse_webhook(body, headers) for _ in range(2))
        assert [(update.kind, update.ref) for update in first] == [("payment", made.ref)]
        assert first[0].event_id
        assert len(first[0].event_id) <= 128
        assert first[0].event_id == again[0].event_id

    def test_two_events_are_told_apart(self, subject: Subject) -> None:
        if not hooks(subject):
            return
        refs = [paid(subject).ref for _ in range(2)]
        news = [subject.processor.parse_webhook(*subject.webhook(ref))[0] for ref in refs]
        assert [update.ref for update in news] == refs
        assert len({update.event_id for update in news}) == 2

    def test_the_names_of_headers_come_in_any_case(self, subject: Subject) -> None:
        if not hooks(subject):
            return
        made = paid(subject)
        body, headers = subject.webhook(made.ref)
        for spelled in (str.lower, str.upper, str.title):
            named = {spelled(name): value for name, value in headers.items()}
            assert [update.ref for update in subject.processor.parse_webhook(body, named)] == [made.ref]

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b"\xff\xfe\x00", b"{" * 5000])
    def test_what_is_not_signed_is_refused(self, subject: Subject, body: bytes) -> None:
        with pytest.raises(BadSignature):
            subject.processor.parse_webhook(body, {})

    def test_a_changed_or_borrowed_signature_is_refused(self, subject: Subject) -> None:
        if not hooks(subject):
            return
        body, headers = subject.webhook(paid(subject).ref)
        other, _ = subject.webhook(paid(subject).ref)
        broken = {name: f"{value}0" for name, value in headers.items()}
        strange = dict.fromkeys(headers, "ü")
        borrowed = [(body + b" ", headers), (other, headers), (b"\xff", headers)]
        made_up = [(body, broken), (body, strange), (body, {})]
        for changed, with_headers in borrowed + made_up:
            with pytest.raises(BadSignature):
                subject.processor.parse_webhook(changed, with_headers)


def hooks(subject: Subject) -> bool:
    return Can.WEBHOOK in subject.processor.can
