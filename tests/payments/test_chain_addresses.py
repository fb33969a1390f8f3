"""Addresses from an account's public key."""

from __future__ import annotations

import pytest
from embit import bip32, bip39
from embit.networks import NETWORKS

from payments.chain.addresses import DEMO_TPUB, Account, script_of
from payments.chain.keys import KeyRefused

# BIP 84's own test vector: account and first two receiving addresses.
ZPUB = "zpub6rFR7y4Q2AijBEqTUquhVz398htDFrtymD9xYYfG1m4wAcvPhXNfE3EfH1r1ADqtfSdVCToUG868RvUUkgDKf31mGDtKsAYz2oz2AGutZYs"
FIRST, SECOND = "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", "bc1qnjg0jd8228aq7egyzacy8cys3knf9xvrerkf9g"


def test_the_published_vector_of_bip_84_comes_out() -> None:
    account = Account.parse(ZPUB, "main")
    assert [account.address(0), account.address(1)] == [FIRST, SECOND]


def test_the_same_account_as_xpub_gives_the_same_addresses() -> None:
    xpub = bip32.HDKey.from_string(ZPUB).to_base58(version=NETWORKS["main"]["xpub"])
    assert Account.parse(xpub, "main").address(0) == FIRST
    assert Account.parse(ZPUB, "main").descriptor.startswith(f"wpkh({xpub}/0/*)#")


def test_test_networks_have_their_own_addresses() -> None:
    assert Account.parse(DEMO_TPUB, "regtest").address(0) == "bcrt1q6rz28mcfaxtmd6v789l9rrlrusdprr9pz3cppk"
    assert Account.parse(DEMO_TPUB, "signet").address(0).startswith("tb1q")


@pytest.mark.parametrize(
    ("key", "network", "message"),
    [
        (DEMO_TPUB, "main", "tpub is not .* main network"),
        (ZPUB, "regtest", "zpub is not .* regtest network"),
        (ZPUB, "moon", "'moon' is none of main"),
        (ZPUB[:-1] + "t", "main", "no extended public key"),
        ("", "main", "no extended public key"),
        ("xpub", "main", "no extended public key"),
        ("ypub" + ZPUB[4:], "main", "no extended public key"),
    ],
)
def test_a_key_that_does_not_fit_is_refused(key: str, network: str, message: str) -> None:
    with pytest.raises(KeyRefused, match=message):
        Account.parse(key, network)


@pytest.mark.parametrize("kind", ["xprv", "zprv"])
def test_a_private_key_is_refused_without_being_repeated(kind: str) -> None:
    root = bip32.HDKey.from_seed(bip39.mnemonic_to_seed("abandon " * 11 + "about"))
    secret = root.derive("m/84h/0h/0h").to_base58(version=NETWORKS["main"][kind])
    with pytest.raises(KeyRefused, match="PRIVATE") as refused:
        Account.parse(secret, "main")
    assert secret[4:] not in str(refused.value)


def test_an_index_outside_the_range_is_refused() -> None:
    account = Account.parse(ZPUB, "main")
    for index in (-1, 2**31):
        with pytest.raises(ValueError, match="outside"):
            account.address(index)


def test_a_script_is_that_of_the_address() -> None:
    assert script_of(FIRST).hex() == "0014c0cebcd6c3d3ca8c75dc5ec62ebe55330ef910e2"


def test_a_key_may_say_where_it_comes_from_so_that_a_hardware_wallet_finds_it() -> None:
    plain, told = Account.parse(ZPUB, "main"), Account.parse(f"[d34db33f/84h/0'/0h]{ZPUB}", "main")
    assert told.address(0) == plain.address(0)
    assert told.descriptor == plain.descriptor
    assert told.fingerprint == bytes.fromhex("d34db33f")
    assert told.path == (84 + 2**31, 2**31, 2**31)
    assert (plain.fingerprint, plain.path) == (plain.key.my_fingerprint, ())
    with pytest.raises(KeyRefused):
        Account.parse(f"[d34db33f/84h/x]{ZPUB}", "main")


def test_change_has_addresses_of_its_own() -> None:
    account = Account.parse(ZPUB, "main")
    assert account.address(0, branch=1) == "bc1q8c6fshw2dlwun7ekn9qwf37cu2rn755upcp6el"  # BIP 84's first change address
    assert "/1/*)#" in account.change_descriptor
