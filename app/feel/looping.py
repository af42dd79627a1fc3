"""Loops over lists: `for`, `some`, `every`."""

import ast
from collections.abc import Callable, Sequence

from app.feel import nodes, pyast
from app.feel.emission import RUN, Emission
from app.feel.nodes import Node
from app.feel.scopes import Scope
from app.feel.weight import weight_of


def emit_loop(emission: Emission, node: nodes.Loop | nodes.Quantified) -> ast.expr:
    return _loop(emission, node) if isinstance(node, nodes.Loop) else _quantified(emission, node)


def _loop(emission: Emission, node: nodes.Loop) -> ast.expr:
    results = f"p{emission.fresh()}"
    with emission.scopes.inside(Scope({"partial": results})):
        loop = _nested(
            emission,
            node.iterators,
            lambda weight, source, body, innermost: (
                pyast.call("_collect", RUN, weight, pyast.read(results), source, body)
                if innermost
                else pyast.call("_each", RUN, weight, source, body)
            ),
            node.body,
        )
    made = pyast.keep(results, pyast.list_of())
    if len(node.iterators) == 1:
        return pyast.call("_second", made, loop)
    return pyast.call("_first", made, loop)


def _quantified(emission: Emission, node: nodes.Quantified) -> ast.expr:
    helper = "_every" if node.every else "_some"
    return _nested(
        emission,
        node.iterators,
        lambda weight, source, body, _: pyast.call(helper, RUN, weight, source, body),
        node.condition,
    )


def _nested(
    emission: Emission,
    iterators: Sequence[nodes.Iterator],
    run: Callable[[ast.expr, ast.expr, ast.expr, bool], ast.expr],
    body: Node,
) -> ast.expr:
    first, rest = iterators[0], iterators[1:]
    source = emission.emit(first.source)
    name = emission.fresh()
    emission.deeper()
    with emission.scopes.inside(Scope({first.name: name})):
        inner = _nested(emission, rest, run, body) if rest else emission.emit(body)
    emission.depth -= 1
    weight = 1 if rest else weight_of(body)
    return run(pyast.constant(weight), source, pyast.function([name], inner), not rest)
