"""Sample customs papers as PDF, in several scripts, to be looked at: nothing is read from the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fx.money import Money
from orders.papers import cn22, cn23, commercial, qr
from orders.papers.declaration import Declaration, Party, Piece

AT = dt.datetime(2026, 11, 29, 9, tzinfo=dt.UTC)
ALICE = Party("Alice Sharma", "Chaya Prints", ("14 Johari Bazar", "302003 Jaipur"), "IN", "+91 141 555 0100")
SCARF = Piece(1, "Scarf, cotton, printed by hand", 2, 280, Money(380_000, "INR"), "621490", "IN", "SC-1", "CP-22")
BOWL = Piece(2, "Bowl, stoneware, glazed", 1, 410, Money(120_000, "INR"), "691200", "IN", "BO-4", "CP-40")
BERLIN = Declaration(
    order="EV2N-NA3P-R4", number=1, parcels=1, sender=ALICE,
    addressee=Party("Bob Becker", "", ("Torstraße 1", "10119 Berlin"), "DE"), pieces=(SCARF, BOWL), currency="INR",
    gross_g=900, postage=Money(69_000, "INR"), incoterm="DDP", place="Berlin",
    flat_duty=Money(300, "EUR"), flat_duty_codes=("621490", "691200"),
    tracking_number="EE123456785IN", carrier="India Post",
)  # fmt: skip
ELSEWHERE = {
    "riyadh": Party("محمد عبد الله", "", ("شارع الملك 12", "الرياض 11564"), "SA"),
    "telaviv": Party("דוד כהן", "", ("רחוב הרצל 5", "תל אביב 61000"), "IL"),
    "tokyo": Party("山田太郎", "", ("千代田区丸の内1-1", "東京都 100-0005"), "JP"),
    "bangkok": Party("สมชาย ใจดี", "", ("ถนนสุขุมวิท 5", "กรุงเทพ 10110"), "TH"),
    "athens": Party("Γιώργος Παπαδόπουλος", "", ("Ερμού 5", "105 63 Αθήνα"), "GR"),
}


class Command(BaseCommand):
    help = "Write sample customs papers as PDF into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in samples():
            (folder / f"{name}.pdf").write_bytes(data)
            self.stdout.write(str(folder / f"{name}.pdf"))


def samples() -> Iterator[tuple[str, bytes]]:
    yield "cn22", cn22.write(BERLIN, at=AT)
    yield "cn23", cn23.write(BERLIN, at=AT)
    yield "invoice", commercial.invoice(BERLIN, at=AT)
    yield "slip", commercial.slip(BERLIN, at=AT)
    yield "qr", qr.write(BERLIN, at=AT)
    for city, addressee in ELSEWHERE.items():
        sent = replace(
            BERLIN, addressee=addressee, incoterm="DAP", place=city.title(), flat_duty=None, flat_duty_codes=()
        )
        yield f"cn23-{city}", cn23.write(sent, at=AT)
