"""A small label with the order's own address as a QR code: whoever finds the parcel learns the order's number, no more.

The address asks for a login; a guest's secret link is never printed (decision 0065).
"""

from __future__ import annotations

import datetime as dt

import segno
from django.conf import settings
from django.urls import reverse

from marketplace.lib.pdf import Form
from orders.papers.declaration import Declaration

W, H = 74.0, 37.0


def link(declared: Declaration) -> str:
    return f"{settings.SITE_URL}{reverse('orders:detail', args=[declared.order])}"


def write(declared: Declaration, *, at: dt.datetime) -> bytes:
    form = Form(title=f"Label {declared.invoice_number}", size=(W, H), as_of=at)
    form.rect(1, 1, W - 2, H - 2)
    modules = list(segno.make(link(declared), error="m", micro=False, boost_error=False).matrix)
    side = 29.0 / len(modules)
    form.set_fill_color(0, 0, 0)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                form.rect(4 + x * side, 4 + y * side, side, side, style="F")
    form.put(37, 4, 34, declared.invoice_number, size=9, bold=True)
    form.put(37, 13, 34, f"Parcel / Colis {declared.number}/{declared.parcels}", size=7)
    form.fit(37, 17, 34, 8, declared.tracking_number, size=8, least=5)
    form.fit(37, 26, 34, 7, settings.SITE_HOST, size=6, least=4)
    return form.bytes()
