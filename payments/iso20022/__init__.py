"""What a bank sends: ISO 20022 messages, read strictly. Pure: bytes in, values out, or BadFile with what is wrong."""

from __future__ import annotations

from fx.money import MoneyError
from payments.iso20022.reading import BadFile, root
from payments.iso20022.report import Answer, Report, read_report
from payments.iso20022.statement import Line, Statement, Statements, read_statements

__all__ = ["Answer", "BadFile", "Line", "Report", "Statement", "Statements", "read"]


def read(body: bytes) -> Report | Statements:
    """A pain.002 or a camt.053. BadFile names the element, the value and what would be right."""
    node = root(body)
    try:
        return read_report(node) if node.tag == "CstmrPmtStsRpt" else read_statements(node)
    except MoneyError as error:  # sums beyond what the books can hold
        raise BadFile(str(error)) from error
