"""USDC on the demo chain and on the demo's test node: configuration, the page, play money."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from fx.money import Money
from marketplace.lib.clock import now, shifted
from payments.chain import playmoney, watch
from payments.chain.demo import DemoChain
from payments.chain.evm.addresses import DEMO_XPUB, PUBLIC_KEYS
from payments.chain.evm.play import PlaySource
from payments.chain.evm.playdollar import PLAY_CONTRACT
from payments.chain.keys import KeyRefused
from payments.models import ChainAddress, DemoTransfer, Payment
from payments.processors import registry
from payments.processors.base import BadSignature, Outcome, Refused
from payments.processors.bitcoin import Bitcoin
from payments.processors.erc20 import Erc20
from tests.evm import Anvil
from tests.payments import coins
from tests.payments.dollars import DEMO, account, asked, dollars
from tests.payments.evm_server import FakeNode, served
from tests.regtest import free_port

DUE = 40_000_000
REAL = {**DEMO, "chain_id": 1, "contract": "", "source": "node", "url": "http://127.0.0.1:8545"}


@pytest.fixture
def usdc(settings: Settings) -> Erc20:
    settings.PROCESSORS = {"erc20": DEMO}
    processor = registry.get("erc20")
    assert isinstance(processor, Erc20)
    return processor


def page(of: Payment, template: str = "erc20/pay") -> str:
    request = RequestFactory().get("/pay/here/")
    return render_to_string(f"payments/{template}.html", {"payment": of}, request=request)


# --- configuration ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "error", "message"),
    [
        ({"xpub": ""}, KeyRefused, "no extended public key"),
        ({"xpub": "xprv9s21ZrQH143K"}, KeyRefused, "PRIVATE"),
        *(({"xpub": key}, Refused, "test account whose words everybody knows") for key in PUBLIC_KEYS),
        ({"contract": "0x12"}, Refused, "ERC20_CONTRACT='0x12' is no address"),
        ({"contract": "0xa0b86991c6218b36c1d19D4a2e9eb0ce3606eb48"}, Refused, "capitals are a checksum"),
        ({"chain_id": 99}, Refused, "no USDC is known on chain 99"),
        ({"confirmations": "0"}, Refused, "ERC20_CONFIRMATIONS='0' is neither"),
        ({"confirmations": "soon"}, Refused, "ERC20_CONFIRMATIONS='soon' is neither"),
        ({"source": "oracle"}, Refused, "'oracle' is none of node, demo"),
        ({"url": ""}, Refused, "ERC20_URL"),
        ({"url": "file:///etc/passwd"}, Refused, "ERC20_URL"),
    ],
)
def test_a_wrong_configuration_is_said_at_once(config: dict[str, object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Erc20({**REAL, "xpub": account(), **config})


def test_where_no_contract_is_set_it_is_usdcs_own() -> None:
    usdc = Erc20({**REAL, "xpub": account(), "chain_id": 8453})
    assert usdc.contract == "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    assert usdc.chain == "eip155:8453/erc20:0x833589fcd6edb6e08f4c7c32d4f71b54bda02913"
    assert (usdc.network, usdc.play, usdc.by_depth) == ("Base", False, False)
    assert not isinstance(usdc.source, PlaySource)


def test_the_demo_chain_refuses_to_work_outside_the_sandbox(usdc: Erc20, settings: Settings) -> None:
    assert isinstance(usdc.source, DemoChain)
    settings.SANDBOX = False
    with pytest.raises(ImproperlyConfigured, match="ERC20_SOURCE to node"):
        Erc20(DEMO)
    with pytest.raises(ImproperlyConfigured):
        playmoney.send(usdc, usdc.account.address(0), dollars(1))


# --- the processor ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_each_payment_has_an_address_of_its_own_on_whatever_chain(usdc: Erc20) -> None:
    """The same key has the same addresses on every chain, so none is given out on two."""
    first = asked(usdc, DUE)
    elsewhere = Erc20({**DEMO, "chain_id": 1337})
    second, third = asked(elsewhere, DUE), asked(usdc, DUE)
    addresses = [usdc.account.address(index) for index in range(3)]
    assert [payment.processor_ref for payment in (first, second, third)] == addresses
    assert len(set(ChainAddress.objects.values_list("chain", flat=True))) == 2
    with pytest.raises(Refused, match="No payment has the address"):
        usdc.fetch(second.processor_ref)


def test_the_uri_calls_the_contract_on_its_chain_alone(usdc: Erc20) -> None:
    to = usdc.account.address(0)
    expected = f"ethereum:{usdc.contract}@31337/transfer?address={to}&uint256=40000001"
    assert usdc.uri(to, dollars(40_000_001)) == expected


def test_it_takes_nothing_and_pays_in_its_own_coin(usdc: Erc20) -> None:
    assert usdc.pay_currency("EUR") == "USDC"
    assert usdc.fee(dollars(DUE), "DE") == dollars(0)
    assert usdc.accepts(dollars(100_000), "DE")
    assert not usdc.accepts(dollars(99_999), "DE")
    with pytest.raises(BadSignature):
        usdc.parse_webhook(b"{}", {})


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("0x9858EfFD232B4033E47d90003D41EC34EcaEda94", True),
        ("0x9858effd232b4033e47d90003d41ec34ecaeda94", True),
        ("0x9858EfFD232B4033E47d90003D41EC34EcaEda9", False),
        ("0x9858efFD232B4033E47d90003D41EC34EcaEda94", False),
        ("0x" + "0" * 40, False),
        (DEMO["contract"], False),
        ("bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk", False),
        ("", False),
    ],
)
def test_a_refund_goes_to_an_address_that_is_one(usdc: Erc20, text: str, good: bool) -> None:
    assert usdc.accepts_destination(text) is good


@pytest.mark.django_db
def test_the_demo_chain_shows_a_transfer_and_settles_it_by_the_clock(usdc: Erc20) -> None:
    made = asked(usdc, DUE)
    playmoney.send(usdc, made.processor_ref, made.amount)
    for seconds, outcome in ((0, Outcome.SEEN), (20, Outcome.SUCCEEDED)):
        with shifted(seconds=seconds):
            found = usdc.fetch(made.processor_ref)
        assert found is not None
        assert found.outcome == outcome


@pytest.mark.django_db
def test_a_node_that_cannot_be_asked_leaves_the_other_rails_open(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    working = Erc20(DEMO)
    payment = asked(working, DUE)
    broken = {**DEMO, "source": "node", "url": f"http://127.0.0.1:{free_port()}"}
    settings.PROCESSORS = {"erc20": broken, "bitcoin": coins.DEMO}
    bitcoin = registry.get("bitcoin")
    assert isinstance(bitcoin, Bitcoin)
    other = coins.asked(bitcoin)
    playmoney.send(bitcoin, other.processor_ref, other.amount)
    assert [update.ref for _, update in watch.poll()] == [other.processor_ref]
    assert "erc20: 127.0.0.1" in caplog.text
    payment.refresh_from_db()
    assert payment.state == Payment.State.ACTION


# --- the page --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_names_network_contract_and_address_and_warns(usdc: Erc20) -> None:
    made = asked(usdc, DUE)
    html = page(made)
    assert made.processor_ref in html
    assert usdc.contract in html
    uri = usdc.uri(made.processor_ref, dollars(DUE)).replace("&", "&amp;")
    assert f'href="{uri}"' in html
    assert "<svg viewBox" in html
    assert "Send only USDC, and only on a test chain on this machine." in html
    assert "until the network calls it final" in html
    assert "Play money" in html
    assert not re.search(r"\sstyle=|<script|\son[a-z]+=", html)


@pytest.mark.django_db
def test_the_page_of_real_money_names_its_network(settings: Settings) -> None:
    settings.PROCESSORS = {
        "erc20": {**DEMO, "chain_id": 8453, "contract": "", "xpub": account(), "confirmations": "12"}
    }
    usdc = registry.get("erc20")
    assert isinstance(usdc, Erc20)
    html = page(asked(usdc, DUE))
    assert "Send USDC on Base" in html
    assert "12 blocks" in html
    assert "Base (8453)" in html


@pytest.mark.django_db
def test_the_status_says_what_is_missing_and_what_is_waited_for(usdc: Erc20) -> None:
    made = asked(usdc, DUE)
    assert "Waiting for your coins" in page(made, "coin/status")
    playmoney.send(usdc, made.processor_ref, dollars(15_000_000))
    watch.poll()
    made.state = Payment.State.PARTIAL
    assert "25.00 USDC</bdi> is missing" in page(made, "coin/status").replace("\xa0", " ")
    assert "uint256=25000000" in page(made)  # the code asks for the rest, not for the whole again
    made.state = Payment.State.SEEN
    assert "as soon as the network calls its block final" in page(made, "coin/status")
    made.chain_address.receipts.update(claimed_minor=16_000_000)
    status = page(made, "coin/status").replace("\xa0", " ")
    assert re.search(r"The token said <bdi[^>]*>16\.00 USDC</bdi>, but only this arrived\.", status)


@pytest.mark.django_db
def test_the_button_pays_an_invoice_with_play_money(usdc: Erc20, client: Client) -> None:
    made = asked(usdc, DUE)
    url = reverse("payments:send_test_coins", args=[made.pk])
    for share in ("half", "rest", "more"):
        client.post(url, {"share": share, "next": "/orders/"})
        watch.poll()
    sent = DemoTransfer.objects.order_by("id").values_list("amount_minor", flat=True)
    assert list(sent) == [20_000_000, 20_000_000, 44_000_000]


# --- the demo's test node --------------------------------------------------------------------------


@pytest.mark.evm
@pytest.mark.django_db
def test_the_demo_puts_its_token_on_the_test_node_and_pays_with_it(anvil: Anvil, settings: Settings) -> None:
    config = {**DEMO, "xpub": account(), "contract": "", "source": "node", "url": anvil.url}
    settings.PROCESSORS, settings.DEMO = {"erc20": config}, True
    usdc = registry.get("erc20")
    assert isinstance(usdc, Erc20)
    assert isinstance(usdc.source, PlaySource)
    assert (usdc.contract, playmoney.available(usdc)) == (PLAY_CONTRACT, True)
    payment = asked(usdc, DUE)
    anvil.mined(playmoney.send(usdc, payment.processor_ref, dollars(DUE)))
    outcomes = [update.outcome for _ in range(4) for _, update in watch.poll()]
    assert outcomes == [Outcome.SEEN, Outcome.SUCCEEDED, Outcome.SUCCEEDED, Outcome.SUCCEEDED]
    height = anvil.rpc.call("eth_blockNumber")
    watch.poll()
    watch.poll()
    assert anvil.rpc.call("eth_blockNumber") == height  # a quiet chain stays as it is


def test_no_play_money_is_put_on_a_chain_of_real_money(monkeypatch: pytest.MonkeyPatch) -> None:
    node = FakeNode(chain_id=1)
    with served(node) as url, pytest.raises(Refused, match="no play money on chain 1"):
        Erc20({**DEMO, "contract": "", "source": "node", "url": url}).source.tip()
    assert [method for method, _ in node.asked] == ["eth_chainId"]


def test_money_of_another_coin_is_not_looked_up(usdc: Erc20) -> None:
    with pytest.raises(Refused, match="sends USDC"):
        usdc.verify_sent("0x" + "ab" * 32, Money(1, "BTC"), destination=usdc.account.address(0), since=now())


def test_the_demo_account_is_that_of_the_public_words() -> None:
    assert Erc20(DEMO).account.key.to_base58() == DEMO_XPUB


def test_a_person_can_send_by_the_call_data_that_is_shown() -> None:
    made = Erc20({**DEMO, "xpub": ""})
    facts = made.instructions(Money(40_000_000, "USDC"), "0x70997970C51812dc3A010C7d01b50e0d17dc79C8")
    assert facts["Chain id"] == str(made.chain_id)
    assert facts["To (the contract, value 0)"] == made.contract
    assert facts["Data"] == (
        "0xa9059cbb"
        "00000000000000000000000070997970c51812dc3a010c7d01b50e0d17dc79c8"
        "0000000000000000000000000000000000000000000000000000000002625a00"
    )
