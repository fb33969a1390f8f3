"""What cannot be copied is refused before anything is written."""

from __future__ import annotations

import pytest

from marketplace.seeding.copies import CopyRefused, multiply


@pytest.mark.django_db
def test_where_nothing_was_bought_there_is_nothing_to_copy() -> None:
    with pytest.raises(CopyRefused, match="There are 0 checkouts"):
        multiply(3, say=print)
