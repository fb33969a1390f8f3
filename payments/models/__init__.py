"""Rows of the money app, one module per noun."""

from __future__ import annotations

from payments.models.audit import AuditFinding, AuditRun
from payments.models.bank import BankFile, Fill, Payout, PayoutMethod, Settlement
from payments.models.chain import ChainAddress, ChainReceipt, DemoTransfer
from payments.models.chargeback import Chargeback, ContestedMoney, EvidencePack
from payments.models.drawing import Drawing
from payments.models.fee import FeeRow
from payments.models.freeze import Freeze
from payments.models.invoice import CreditNote, Invoice, InvoiceLine, TaxProfile, TaxRate, Treatment, Wait
from payments.models.ledger import Account, Balance, Entry, Journal
from payments.models.paper import Paper, PaperItem, Series
from payments.models.payment import Payment, PaymentLine, Refund, RefundLine, RefundPrice, RefundTerms
from payments.models.payout import PayoutDoubt, PayoutPlan
from payments.models.proof import ChainHead, ChainLink
from payments.models.rebate import Rebate
from payments.models.recon import ReconItem, ReconRun, ReconSum, StatementLine
from payments.models.reserve import Reserve
from payments.models.screening import Screening
from payments.models.sending import CoinInput, CoinOutput, CoinSending
from payments.models.statement import BankLine, BankMessage, BankStatement
from payments.models.work import Case, InboxEvent, Operation

__all__ = [
    "Account",
    "AuditFinding",
    "AuditRun",
    "Balance",
    "BankFile",
    "BankLine",
    "BankMessage",
    "BankStatement",
    "Case",
    "ChainAddress",
    "ChainHead",
    "ChainLink",
    "ChainReceipt",
    "Chargeback",
    "CoinInput",
    "CoinOutput",
    "CoinSending",
    "CreditNote",
    "DemoTransfer",
    "Drawing",
    "Entry",
    "EvidencePack",
    "FeeRow",
    "Fill",
    "Freeze",
    "ContestedMoney",
    "InboxEvent",
    "Invoice",
    "InvoiceLine",
    "Journal",
    "Operation",
    "Paper",
    "PaperItem",
    "Payment",
    "PaymentLine",
    "Payout",
    "PayoutDoubt",
    "PayoutMethod",
    "PayoutPlan",
    "Rebate",
    "ReconItem",
    "ReconRun",
    "ReconSum",
    "Refund",
    "RefundLine",
    "RefundPrice",
    "RefundTerms",
    "Reserve",
    "Screening",
    "Series",
    "Settlement",
    "StatementLine",
    "TaxProfile",
    "TaxRate",
    "Treatment",
    "Wait",
]
