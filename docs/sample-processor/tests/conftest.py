from __future__ import annotations

from collections.abc import Iterator

import pytest
from entrepot_zwin import Zwin
from zwin_double import Double


@pytest.fixture
def double() -> Iterator[Double]:
    double = Double().start()
    yield double
    double.stop()


@pytest.fixture
def zwin(double: Double) -> Zwin:
    return Zwin(double.config)
