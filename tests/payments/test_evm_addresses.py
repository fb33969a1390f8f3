"""Addresses, words and networks of EVM chains."""

from __future__ import annotations

import pytest
from embit import bip32, bip39

from payments.chain.evm.addresses import DEMO_XPUB, PUBLIC_KEYS, Account, checksummed, is_address
from payments.chain.evm.networks import NAMES, TESTS, USDC, is_play, name_of
from payments.chain.evm.words import BALANCE_OF, DECIMALS, TRANSFER, hash32, keccak256, number, topic, word
from payments.chain.keys import KeyRefused

ROOT = bip32.HDKey.from_seed(bip39.mnemonic_to_seed("abandon " * 11 + "about"))
# The vectors of EIP 55 itself.
EIP55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]


def test_the_first_addresses_of_well_known_words_come_out() -> None:
    assert Account.parse(DEMO_XPUB).address(0) == "0x9858EfFD232B4033E47d90003D41EC34EcaEda94"
    [other] = PUBLIC_KEYS - {DEMO_XPUB}
    addresses = [Account.parse(other).address(index) for index in (0, 1)]
    assert addresses == ["0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"]


def test_the_public_half_gives_what_the_private_half_can_spend() -> None:
    account = Account.parse(ROOT.derive("m/44h/60h/7h").to_public().to_base58())
    public = ROOT.derive("m/44h/60h/7h/0/42").get_public_key()
    public.compressed = False
    assert account.address(42) == checksummed("0x" + keccak256(public.serialize()[1:])[-20:].hex())


@pytest.mark.parametrize("address", EIP55)
def test_capitals_are_a_checksum(address: str) -> None:
    assert checksummed(address.lower()) == address
    assert is_address(address)
    assert is_address(address.lower())
    letters = next(i for i in range(2, 42) if address[i].isalpha())
    if address[2:] not in {address[2:].lower(), address[2:].upper()}:
        assert not is_address(address[:letters] + address[letters].swapcase() + address[letters + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "0x", "0x" + "0" * 40, "0x" + "1" * 39, "0x" + "1" * 41, "1" * 42, "0x" + "g" * 40, "vitalik.eth", "адрес"],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("", "no extended public key"),
        ("xpub", "no extended public key"),
        (DEMO_XPUB[:-1] + "u", "no extended public key"),
        (ROOT.to_public().to_base58(), "is at depth 0"),
        (ROOT.derive("m/44h/60h/0h/0").to_public().to_base58(), "is at depth 4"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(key: str, message: str) -> None:
    with pytest.raises(KeyRefused, match=message):
        Account.parse(key)


def test_a_private_key_is_refused_without_being_repeated() -> None:
    secret = ROOT.derive("m/44h/60h/0h").to_base58()
    with pytest.raises(KeyRefused, match="PRIVATE") as refused:
        Account.parse(secret)
    assert secret[4:] not in str(refused.value)


def test_an_index_outside_the_range_is_refused() -> None:
    for index in (-1, 2**31):
        with pytest.raises(ValueError, match="outside"):
            Account.parse(DEMO_XPUB).address(index)


def test_names_of_events_and_calls_are_those_that_everybody_uses() -> None:
    assert TRANSFER == "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    assert (BALANCE_OF, DECIMALS) == ("0x70a08231", "0x313ce567")
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert topic(EIP55[0]) == "0x" + "0" * 24 + "52908400098527886e0f7030069857d2e4169ee7"


@pytest.mark.parametrize("text", [None, 7, "", "0x", "7", "0xg", "-0x1", "0x" + "1" * 65, " 0x1", "0x1\n"])
def test_what_is_no_number_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is no quantity"):
        number(text)
    with pytest.raises(ValueError, match="is no word"):
        word(text)


def test_numbers_and_hashes_are_read() -> None:
    assert (number("0x2a"), word("0x" + "0" * 62 + "2a")) == (42, 42)
    assert hash32("0x" + "AB" * 32) == "0x" + "ab" * 32


def test_every_known_contract_has_a_right_checksum_and_its_network_a_name() -> None:
    assert all(checksummed(address) == address for address in USDC.values())
    assert USDC.keys() == NAMES.keys() - TESTS
    assert (name_of(8453), name_of(31337), name_of(99)) == ("Base", "a test chain on this machine", "EVM chain 99")
    assert [is_play(chain) for chain in (1, 8453, 11155111, 31337)] == [False, False, True, True]
