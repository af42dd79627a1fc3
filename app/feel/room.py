"""The one room where code is made.

Safe by construction: `compile` never sees the text of an expression, only a tree that
`app.feel.compiler` built from our own nodes. In such a tree every name is one we made up
(`v0`, `t3`, `k1`), every call goes to a helper of the room, and no node reads an attribute,
imports, or assigns outside its function. The room has no builtins.
"""

import ast
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any


def build(
    tree: ast.Expression, room: dict[str, Any], constants: Sequence[Any]
) -> Callable[..., Any]:
    """Turn the tree of `lambda k0, k1…: lambda c, v0…: …` into the inner function.

    `room` holds the helpers under the names the tree uses; its `__builtins__` must be empty.
    """
    code = compile(tree, "<feel>", "eval", dont_inherit=True)
    make = FunctionType(code, room)()
    function: Callable[..., Any] = make(*constants)
    return function
