"""docs/architecture.md lists every kind of journal that the code posts, and every legal state."""

from __future__ import annotations

import ast
import re

from marketplace.run.places import BASE
from orders.models import Order
from payments.models import Operation, Payment, Payout

POSTS = {"post", "_post", "Draft", "draft"}
PAGE = (BASE / "docs" / "architecture.md").read_text()


def posted() -> dict[str, str]:
    """{kind of journal: module that drafts or posts it}."""
    found = {}
    for path in sorted((BASE / "payments").rglob("*.py")):
        tree = ast.parse(path.read_text())
        named = constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in POSTS and len(node.args) > 1:
                kind = node.args[1]
                word = kind.value if isinstance(kind, ast.Constant) else named.get(ast.unparse(kind))
                if word is not None:
                    found[str(word)] = str(path.relative_to(BASE))
    return found


def constants(tree: ast.Module) -> dict[str, object]:
    """What a module's own names stand for, where it says so once: `A = "a"` or `A, B = "a", "b"`."""
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Tuple):
            names, values = node.targets[0], node.value
            pairs = (
                zip(names.elts, values.elts, strict=True)
                if isinstance(values, ast.Tuple) and isinstance(names, ast.Tuple)
                else [(names, values)]
            )
            found |= {ast.unparse(name): value.value for name, value in pairs if isinstance(value, ast.Constant)}
    return found


def test_every_kind_of_journal_is_in_the_table_with_its_module() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `[^`]+` \|.*\| `(payments/[\w/]+\.py)` \|$", PAGE, re.MULTILINE)
    assert dict(rows) == posted()


def test_every_state_of_the_money_machines_is_named() -> None:
    lives = dict(re.findall(r"^\| (\w+) \| (.+) \|$", PAGE.split("## Lives")[1], re.MULTILINE))
    machines = {
        "order": set(Order.Status.values),
        "payment": set(Payment.State.values),
        "operation": set(Operation.State.values),
        "payout": set(Payout.State.values),
    }
    for name, states in machines.items():
        assert {state for state in states if state not in lives[name]} == set(), name


def test_deadlines_in_the_table_are_those_of_the_code() -> None:
    from orders import life

    assert f"+ {life.TO_SHIP_BUSINESS_DAYS} business days" in PAGE
    assert f"{life.UNPROVEN.days} days past the estimate" in PAGE
    assert f"{life.SILENCE_TRACKED.days} days of silence ({life.SILENCE_UNTRACKED.days} without tracking)" in PAGE
    assert f"the buyer, {life.TO_COMPLAIN.days} days" in PAGE
    assert f"the seller {life.SELLER_ANSWERS.days} days, then a moderator {life.ADMIN_DECIDES.days}" in PAGE
    assert f"longer than {life.HELD_AT_MOST.days} days" in PAGE
