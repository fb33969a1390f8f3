"""Refunds in Bitcoin on a real node: made unsigned here, signed outside, believed only once the chain shows them."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from embit.psbt import PSBT
from pytest_django import Settings

from fx.models import Rate, RateSet
from fx.money import Money
from fx.services import current_rates, refresh_rates
from marketplace.lib.clock import now, shifted
from marketplace.models import User
from payments import machine
from payments.chain import watch
from payments.chain.core import Core
from payments.chain.psbt import read
from payments.errors import RefundRefused
from payments.ledger import codes
from payments.ledger.balances import balance, trial_balance
from payments.models import Case, CoinInput, CoinSending, Payment, Refund
from payments.processors import registry
from payments.processors.bitcoin import Bitcoin
from payments.refunds import looks as sendinglooks
from payments.refunds.sendings import discard, make_sending, ready, record_sent
from payments.services import LineDraft, give_refund_address, lock_price, request_refund, sent_by_hand
from tests.conftest import ClientFor
from tests.payments.coins import DEMO, account
from tests.payments.conftest import Open, work
from tests.payments.test_admin import staff
from tests.regtest import Node

pytestmark = [pytest.mark.regtest, pytest.mark.django_db]
accounts, rounds = itertools.count(700), itertools.count(1)
DUE = 100_000
CLEARING, EXPENSE = codes.clearing("bitcoin", "BTC"), codes.expense("bitcoin", "BTC")
RATE = 3


class Signer:
    """The operator's side: the account's private key, which the server never has."""

    def __init__(self, number: int) -> None:
        self.key = account(number)

    def sign(self, sending: CoinSending) -> str:
        """The signed PSBT in base64, as a wallet gives it back."""
        psbt = PSBT.from_base64(sending.psbt)
        assert psbt.sign_with(self.key) == len(psbt.inputs)
        return str(psbt.to_base64())

    def send(self, node: Node, sending: CoinSending) -> str:
        return str(node.rpc.call("sendrawtransaction", read(self.sign(sending)).signed))


@pytest.fixture
def signer() -> Signer:
    return Signer(next(accounts))


@pytest.fixture
def bitcoin(node: Node, signer: Signer, far: object, settings: Settings) -> Bitcoin:
    xpub, wallet = signer.key.to_public().to_base58(), f"watch-{signer.key.fingerprint.hex()}-{signer.key.child_number}"
    config = {**DEMO, "xpub": xpub, "source": "core", "url": node.url, "wallet": wallet, "refund_window_hours": 24}
    settings.PROCESSORS = {"bitcoin": {**config, "fee_ceiling": 50}}
    refresh_rates()
    found = registry.get("bitcoin")
    assert isinstance(found, Bitcoin)
    return found


Owed = Callable[..., Refund]


@pytest.fixture
def owed(node: Node, bitcoin: Bitcoin, opened: Open, alice: User) -> Owed:
    """Bob paid 100,000 sat for EUR 90.00; all or `goods` of it goes back to an address of his."""

    def make(ref: str = "A1", terms: str = "value", goods: int = 0) -> Refund:
        line = LineDraft(ref, "goods", alice, codes.hold(ref, "INR"), Money(9_000_00, "INR"), Money(DUE, "BTC"))
        how = {"processor": "bitcoin", "amount": Money(90_00, "EUR"), "ref": f"C{ref}", "refund_terms": terms}
        payment = opened([line], **how)
        work()
        payment.refresh_from_db()
        node.pay(payment.processor_ref, DUE)
        node.mine(6)
        look()
        fresh_rates()
        parts = {"goods": Money(goods, "INR")} if goods else None
        refund = request_refund(payment=payment, ref=ref, reason="refund", parts=parts)
        return give_refund_address(refund, destination=node.buyer.call("getnewaddress", "", "bech32"))

    return make


def fresh_rates() -> None:
    """A new set like the demo's, after the quote's empty one."""
    first, made = Rate.objects.filter(currency="BTC").order_by("pk")[0].rate_set, RateSet.objects.create()
    for rate in first.rates.all():
        Rate.objects.create(
            rate_set=made, currency=rate.currency, per_eur=rate.per_eur, source=rate.source, as_of=now()
        )


def look() -> None:
    for slug, update in watch.poll():
        machine.apply(update, processor=slug)


def follow() -> None:
    """What the sweeps do two minutes later."""
    with shifted(minutes=2 * next(rounds)):
        work()
        for pk in sendinglooks.due():
            sendinglooks.look(pk)


def state(refund: Refund) -> str:
    refund.refresh_from_db()
    return refund.state


def fresh(sending: CoinSending) -> CoinSending:
    return CoinSending.objects.get(pk=sending.pk)


def got(node: Node, refund: Refund) -> int:
    return int(node.buyer.call("getreceivedbyaddress", refund.destination, 0) * 10**8)


def test_an_unsigned_transaction_pays_exactly_the_value_and_gives_the_rest_back_to_us(
    bitcoin: Bitcoin, owed: Owed, finance: User
) -> None:
    refund = owed(goods=4_500_00)
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    worth = current_rates().convert(Money(45_00, "EUR"), "BTC")
    psbt = PSBT.from_base64(sending.psbt)
    assert [int(one.value) for one in psbt.tx.vout] == [worth.amount, sending.change_minor]
    assert psbt.fee() == sending.fee_minor == DUE - worth.amount - sending.change_minor
    assert sending.fee_minor == RATE * (11 + 68 + 31 + 31)
    assert psbt.tx.vout[1].script_pubkey.address({"bech32": "bcrt"}) == bitcoin.account.address(0, branch=1)
    [one] = psbt.inputs
    assert one.non_witness_utxo.txid() == one.txid
    assert [path.derivation for path in one.bip32_derivations.values()] == [[0, 0]]
    assert (state(refund), refund.sends, sending.state) == ("requested", worth, "open")


def test_signed_outside_recorded_by_its_id_and_final_after_three_blocks(
    node: Node, signer: Signer, owed: Owed, finance: User
) -> None:
    refund = owed()
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    with pytest.raises(RefundRefused, match="Nothing is known of"):
        record_sent(sending, by=finance, text=sending.txid)
    txid = signer.send(node, sending)
    record_sent(sending, by=finance, text=txid)
    assert (state(refund), refund.processor_ref) == ("sent", f"{txid}:0")
    follow()
    assert state(refund) == "sent"
    node.mine(3)
    follow()
    assert (state(refund), fresh(sending).state) == ("succeeded", "final")
    assert got(node, refund) == refund.sends.amount
    assert balance(EXPENSE).amount == sending.fee_minor
    assert balance(CLEARING).amount == DUE - refund.sends.amount - sending.fee_minor == sending.change_minor
    assert trial_balance() == {}


def test_a_signed_psbt_that_is_uploaded_is_compared_and_given_to_the_network(
    node: Node, signer: Signer, owed: Owed, finance: User
) -> None:
    refund = owed()
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    with pytest.raises(RefundRefused, match="not signed yet"):
        record_sent(sending, by=finance, text=sending.psbt)
    with pytest.raises(RefundRefused, match="neither a PSBT"):
        record_sent(sending, by=finance, text="hello")
    record_sent(sending, by=finance, text=signer.sign(sending))
    assert state(refund) == "sent"
    assert got(node, refund) == refund.sends.amount


def test_another_transaction_is_not_taken_for_it(node: Node, signer: Signer, owed: Owed, finance: User) -> None:
    refund = owed()
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    psbt = PSBT.from_base64(sending.psbt)
    psbt.outputs[0].value -= 1
    psbt.sign_with(signer.key)
    with pytest.raises(RefundRefused, match="does not pay exactly"):
        record_sent(sending, by=finance, text=str(psbt.to_base64()))
    psbt = PSBT.from_base64(sending.psbt)
    psbt.outputs[1].script_pubkey = psbt.outputs[0].script_pubkey
    psbt.sign_with(signer.key)
    with pytest.raises(RefundRefused, match="pays somebody else as well"):
        record_sent(sending, by=finance, text=str(psbt.to_base64()))
    strange = node.pay(refund.destination, refund.sends.amount)
    with pytest.raises(RefundRefused, match="spends other coins"):
        record_sent(sending, by=finance, text=strange)
    assert (state(refund), fresh(sending).state) == ("requested", "open")


def test_what_somebody_sent_without_telling_is_found_by_its_id(
    node: Node, signer: Signer, owed: Owed, finance: User
) -> None:
    refund = owed()
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    signer.send(node, sending)
    follow()
    assert (state(refund), fresh(sending).state) == ("sent", "sent")


def test_several_refunds_go_in_one_transaction_and_no_output_of_ours_into_two(
    node: Node, signer: Signer, owed: Owed, finance: User
) -> None:
    first, second, third = owed("A1"), owed("A2"), owed("A3", goods=100_00)
    sending = make_sending([first, second], by=finance, fee_rate=RATE)
    assert sending.outputs.count() == 2
    assert [one.pk for one in ready()] == [third.pk]
    with pytest.raises(RefundRefused, match="is in another transaction already"):
        make_sending([first], by=finance, fee_rate=RATE)
    other = make_sending([third], by=finance, fee_rate=RATE)
    spent = list(CoinInput.objects.values_list("txid", "vout"))
    assert len(spent) == len(set(spent)) == sending.inputs.count() + other.inputs.count()
    copied = CoinInput.objects.filter(sending=sending)[0]
    copied.pk, copied.sending = None, other
    with pytest.raises(IntegrityError), transaction.atomic():
        copied.save()
    with pytest.raises(RefundRefused, match="Record or discard that one"):
        sent_by_hand(first, by=finance, reference="ab" * 32)
    record_sent(sending, by=finance, text=signer.sign(sending))
    node.mine(3)
    follow()
    assert [state(first), state(second), state(third)] == ["succeeded", "succeeded", "requested"]


def test_change_is_spent_again_once_it_is_final(node: Node, signer: Signer, owed: Owed, finance: User) -> None:
    first = owed(goods=1_000_00)
    sending = make_sending([first], by=finance, fee_rate=RATE)
    record_sent(sending, by=finance, text=signer.sign(sending))
    second = give_refund_address(
        request_refund(payment=first.payment, ref="A1", reason="refund", parts={"goods": Money(1_000_00, "INR")}),
        destination=first.destination,
    )
    with pytest.raises(RefundRefused, match="more are needed than there are"):
        make_sending([second], by=finance, fee_rate=RATE)
    node.mine(3)
    follow()
    again = make_sending([second], by=finance, fee_rate=RATE)
    [one] = again.inputs.all()
    assert (one.txid, one.branch, one.amount_minor) == (sending.txid, 1, sending.change_minor)
    record_sent(again, by=finance, text=signer.sign(again))
    node.mine(3)
    follow()
    assert state(second) == "succeeded"
    assert balance(CLEARING).amount == again.change_minor


def test_after_discarding_the_same_coins_are_spent_so_that_both_can_never_be_paid(
    node: Node, signer: Signer, owed: Owed, finance: User
) -> None:
    refund = owed("A1")
    owed("A2")  # more coins of ours
    old = make_sending([refund], by=finance, fee_rate=RATE)
    discard(old, by=finance)
    assert refund in ready()
    new = make_sending([refund], by=finance, fee_rate=RATE + 1)
    assert {one.place for one in old.inputs.all()} & {one.place for one in new.inputs.all()}
    record_sent(new, by=finance, text=signer.sign(new))
    with pytest.raises(Exception, match="txn-mempool-conflict|insufficient fee|replacement"):
        signer.send(node, old)
    with pytest.raises(RefundRefused, match="The chain shows it already"):
        discard(new, by=finance)


def test_what_was_discarded_and_sent_all_the_same_is_told_and_is_not_paid_again(
    node: Node, signer: Signer, owed: Owed, finance: User
) -> None:
    refund = owed()
    old = make_sending([refund], by=finance, fee_rate=RATE)
    discard(old, by=finance)
    signer.send(node, old)
    with pytest.raises(RefundRefused, match="was sent as .*: record that"):
        make_sending([refund], by=finance, fee_rate=RATE)
    with shifted(hours=1, seconds=1):
        sendinglooks.look(old.pk)
    assert Case.objects.get(kind=Case.Kind.GONE).ref == old.txid
    record_sent(old, by=finance, text=old.txid)
    assert (state(refund), fresh(old).state) == ("sent", "sent")


def test_a_replaced_transaction_is_told_and_fails_once_the_other_is_in_a_block(
    node: Node, signer: Signer, bitcoin: Bitcoin, owed: Owed, finance: User
) -> None:
    refund = owed()
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    record_sent(sending, by=finance, text=signer.sign(sending))
    rival = PSBT.from_base64(sending.psbt)
    rival.outputs.pop(0)
    rival.outputs[0].value = DUE - 20_000
    rival.sign_with(signer.key)
    node.rpc.call("sendrawtransaction", read(str(rival.to_base64())).signed)
    follow()
    assert (state(refund), fresh(sending).state) == ("sent", "sent")
    assert "Another transaction spends its coins" in Case.objects.get(kind=Case.Kind.GONE).detail["says"]
    node.mine()
    follow()
    assert (state(refund), fresh(sending).state) == ("failed", "lost")
    assert balance(codes.hold("A1", "INR")) == Money(9_000_00, "INR")
    assert trial_balance() == {}
    assert refund in ready()


def test_a_raised_fee_is_recorded_under_its_new_id(node: Node, signer: Signer, owed: Owed, finance: User) -> None:
    refund = owed(goods=1_000_00)
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    record_sent(sending, by=finance, text=signer.sign(sending))
    bumped = PSBT.from_base64(sending.psbt)
    bumped.outputs[1].value -= 1_000
    bumped.sign_with(signer.key)
    record_sent(sending, by=finance, text=str(bumped.to_base64()))
    node.mine(3)
    follow()
    after = fresh(sending)
    assert (state(refund), after.state, after.fee_minor) == ("succeeded", "final", sending.fee_minor + 1_000)
    assert after.txid != sending.txid
    assert refund.processor_ref == f"{after.txid}:0"
    assert balance(CLEARING).amount == after.change_minor


def test_fees_have_a_ceiling_and_the_node_may_not_know_one(
    owed: Owed, finance: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = owed()
    monkeypatch.setattr(Core, "fee_rate", lambda self: None)
    with pytest.raises(RefundRefused, match="cannot say what fee is usual"):
        make_sending([refund], by=finance)
    with pytest.raises(RefundRefused, match="51 satoshi per byte is not from 1 to 50"):
        make_sending([refund], by=finance, fee_rate=51)
    assert not CoinSending.objects.exists()
    refund.refresh_from_db()
    assert not refund.is_priced


def test_without_a_trusted_rate_no_transaction_is_made(owed: Owed, finance: User) -> None:
    refund = owed()
    Rate.objects.filter(currency="BTC").update(disputed=True)
    with pytest.raises(RefundRefused, match="no trusted rate for BTC now"):
        make_sending([refund], by=finance, fee_rate=RATE)
    assert not CoinSending.objects.exists()


def test_the_coins_themselves_go_back_as_they_came(node: Node, signer: Signer, owed: Owed, finance: User) -> None:
    refund = owed(terms="coin")
    owed("A2")  # whose coins pay the fee
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    record_sent(sending, by=finance, text=signer.sign(sending))
    node.mine(3)
    follow()
    assert got(node, refund) == DUE
    assert (state(refund), Payment.objects.get(pk=refund.payment_id).refund_terms) == ("succeeded", "coin")


def test_sent_by_hand_is_looked_up_too(node: Node, owed: Owed, finance: User) -> None:
    refund = owed()
    lock_price(refund, by=finance)
    refund.refresh_from_db()
    short = node.pay(refund.destination, refund.sends.amount - 1)
    for wrong, says in ((short, "does not pay"), ("ab" * 32, "Nothing is known"), ("SEPA 1", "no transaction id")):
        with pytest.raises(RefundRefused, match=says):
            sent_by_hand(refund, by=finance, reference=wrong)
    txid = node.pay(refund.destination, refund.sends.amount)
    sent_by_hand(refund, by=finance, reference=txid)
    assert (state(refund), refund.processor_ref[:64]) == ("sent", txid)


def test_the_operators_pages(node: Node, signer: Signer, owed: Owed, finance: User, client_for: ClientFor) -> None:
    refund = owed(goods=4_500_00)
    client = staff(finance, "finance", client_for)
    page = reverse("admin:payments_coinsending_make")
    assert refund.destination in client.get(page).content.decode()
    answer = client.post(page, {"refunds": [str(refund.pk)], "fee_rate": "51"}, follow=True)
    assert "is not from 1 to 50" in answer.content.decode()
    answer = client.post(page, {"refunds": [str(refund.pk)], "fee_rate": "3"}, follow=True)
    sending = CoinSending.objects.get()
    html = answer.content.decode()
    assert sending.psbt in html
    assert "<svg" in html
    file = client.get(reverse("admin:payments_coinsending_file", args=[sending.pk]))
    assert PSBT.parse(file.content).to_base64() == sending.psbt
    answer = client.post(
        reverse("admin:payments_coinsending_sent", args=[sending.pk]), {"text": signer.sign(sending)}, follow=True
    )
    assert "Noted" in answer.content.decode()
    assert state(refund) == "sent"


def test_the_node_itself_signs_it_with_the_accounts_key(node: Node, signer: Signer, owed: Owed, finance: User) -> None:
    """Bitcoin Core as the operator's wallet: it finds its keys by the script alone."""
    refund = owed(goods=4_500_00)
    sending = make_sending([refund], by=finance, fee_rate=RATE)
    name = f"operator-{signer.key.child_number}"
    node.rpc.named("createwallet", {"wallet_name": name, "blank": True})
    private = signer.key.to_base58()
    described = [node.rpc.call("getdescriptorinfo", f"wpkh({private}/{branch}/*)") for branch in (0, 1)]
    texts = [f"wpkh({private}/{branch}/*)#{one['checksum']}" for branch, one in enumerate(described)]
    requests = [{"desc": text, "timestamp": "now", "range": [0, 20]} for text in texts]
    node.rpc.call("importdescriptors", requests, wallet=name)
    signed = node.rpc.call("walletprocesspsbt", sending.psbt, wallet=name)
    record_sent(sending, by=finance, text=signed["psbt"])
    assert state(refund) == "sent"
