"""What every provider of exchange has to pass: subclass `ExchangeContract` in a test, with a fixture `provider`.

`order` may be overridden where the far end takes other amounts. docs/exchange.md says why each clause is there.
"""

from __future__ import annotations

import pytest

from fx.money import Money, total
from fx.rates import HUB
from payments.exchange.base import ExchangeProvider, Execution, Order


class ExchangeContract:
    @pytest.fixture
    def provider(self) -> ExchangeProvider:
        raise NotImplementedError("Return your provider from the fixture `provider`.")

    @pytest.fixture
    def order(self) -> Order:
        return Order("trade:1:1", True, Money(12_345, "USD"))

    def test_it_is_asked_and_made_without_arguments(self, provider: ExchangeProvider) -> None:
        assert type(provider)().slug == provider.slug != ""
        assert not provider.by_hand

    def test_an_order_that_never_arrived_is_not_found(self, provider: ExchangeProvider, order: Order) -> None:
        assert provider.fetch(order) is None

    def test_the_same_key_is_carried_out_once(self, provider: ExchangeProvider, order: Order) -> None:
        first, second = provider.exchange(order), provider.exchange(order)
        assert refs(second)[: len(first.fills)] == refs(first)
        assert done(second, order) <= order.amount

    def test_it_is_found_by_its_key_as_it_was_answered(self, provider: ExchangeProvider, order: Order) -> None:
        answered, found = provider.exchange(order), provider.fetch(order)
        assert found is not None
        assert refs(found)[: len(answered.fills)] == refs(answered)

    def test_it_never_exchanges_more_and_says_each_fill_once(self, provider: ExchangeProvider, order: Order) -> None:
        execution = provider.exchange(order)
        assert done(execution, order) <= order.amount
        assert len(set(refs(execution))) == len(execution.fills)
        for fill in execution.fills:
            assert fill.ref.strip() == fill.ref != ""
            assert fill.amount.currency == order.amount.currency
            assert fill.hub.currency == HUB
            assert fill.amount.amount > 0 < fill.hub.amount

    def test_the_least_is_an_amount_of_its_currency(self, provider: ExchangeProvider, order: Order) -> None:
        least = provider.least(order.amount.currency)
        assert least is None or (least.currency == order.amount.currency and least.amount > 0)

    def test_another_key_is_another_order(self, provider: ExchangeProvider, order: Order) -> None:
        other = Order(f"{order.key}:other", order.sells, order.amount)
        assert not set(refs(provider.exchange(order))) & set(refs(provider.exchange(other)))


def refs(execution: Execution) -> list[str]:
    return [fill.ref for fill in execution.fills]


def done(execution: Execution, order: Order) -> Money:
    return total((fill.amount for fill in execution.fills), order.amount.currency)
