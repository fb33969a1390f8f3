"""Which variables the settings read, found in their source."""

from __future__ import annotations

import ast
import inspect

from marketplace.run.places import BASE
from marketplace.settings import environment

READERS = {name for name, one in inspect.getmembers(environment, inspect.isfunction) if "name" in one.__annotations__}


def read_by_settings() -> set[str]:
    """First arguments of the readers in marketplace/settings/, and of os.environ.get."""
    trees = [ast.parse(file.read_text()) for file in sorted((BASE / "marketplace" / "settings").glob("*.py"))]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    names = {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func) in READERS | {"os.environ.get"} and isinstance(call.args[0], ast.Constant)
    }
    return {str(name) for name in names}
