"""All papers of a parcel in one file: each PDF that can be drawn now, and the facts as JSON."""

from __future__ import annotations

import io
import json
import zipfile

from marketplace.lib.clock import now
from orders.papers.pack import data_of
from orders.papers.showing import Papers, draw


def bundle(found: Papers) -> bytes:
    """A ZIP; the same facts give the same bytes of a day."""
    day = now().timetuple()[:3]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as file:
        for paper in found.needed:
            if paper.can:
                file.writestr(_member(f"{paper.kind}.pdf", day), draw(found, paper.kind))
        said = json.dumps(data_of(found.declared), ensure_ascii=False, indent=2)
        file.writestr(_member("pack.json", day), said.encode())
    return written.getvalue()


def _member(name: str, day: tuple[int, ...]) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (day[0], day[1], day[2], 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    return info
