"""Papers as PDF: A4 pages with head, foot and page numbers, in every script that Noto has, shaped, in its direction.

The same input gives the same bytes. Evidence for banks is one such paper; customs papers and statements are others.
"""

from __future__ import annotations

from marketplace.lib.pdf.form import Form
from marketplace.lib.pdf.paper import Paper
from marketplace.lib.pdf.pictures import Picture, shrink

__all__ = ["Form", "Paper", "Picture", "shrink"]
