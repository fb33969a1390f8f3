"""What the pages say about a payment in coin, from stored rows only: no page ever waits for a node."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from fx.money import Money, total
from payments.chain import playmoney
from payments.chain.book import invoice_of
from payments.chain.invoice import Invoice
from payments.chain.qr import qr_svg
from payments.models import ChainAddress, ChainReceipt, Payment
from payments.processors import registry
from payments.processors.coin import Coin
from payments.processors.erc20 import Erc20

register = template.Library()


@dataclass(frozen=True, slots=True)
class CoinView:
    """An invoice with what was stored of it at the latest look."""

    processor: Coin
    invoice: Invoice
    receipts: list[ChainReceipt]
    play: bool  # test coins: nothing here is worth anything
    can_send: bool  # this site can send them itself

    @property
    def network(self) -> str:
        """Where a token has to be sent; empty for a coin that has only one place."""
        return self.processor.network if isinstance(self.processor, Erc20) else ""

    @property
    def contract(self) -> str:
        return self.processor.contract if isinstance(self.processor, Erc20) else ""

    @property
    def uri(self) -> str:
        """Asks for what is still missing, so that nobody pays the whole twice."""
        return self.processor.uri(self.invoice.address, self.missing or self.invoice.due)

    @property
    def qr(self) -> SafeString:
        return qr_svg(self.uri, title=_("QR code of the payment"))

    @property
    def seen(self) -> Money:
        return total((receipt.amount for receipt in self.receipts), self.invoice.due.currency)

    @property
    def missing(self) -> Money:
        return max(self.invoice.due - self.seen, Money(0, self.invoice.due.currency))

    @property
    def enough(self) -> bool:
        return self.seen >= self.invoice.enough

    @property
    def depth(self) -> int:
        """Confirmations of the youngest receipt, never more than asked."""
        depths = [receipt.depth for receipt in self.receipts]
        return min([*depths, self.invoice.confirmations]) if depths else 0


@register.simple_tag
def coin(payment: Payment) -> CoinView | None:
    """The payment's invoice; none while its address is being prepared."""
    row = ChainAddress.objects.select_related("payment").filter(payment=payment).first()
    if row is None:
        return None
    processor = registry.get(payment.processor)
    assert isinstance(processor, Coin)
    receipts = row.receipts.exclude(state=ChainReceipt.State.GONE).select_related("address__payment").order_by("id")
    return CoinView(
        processor=processor,
        invoice=invoice_of(row),
        receipts=list(receipts),
        play=processor.play,
        can_send=playmoney.available(processor),
    )
