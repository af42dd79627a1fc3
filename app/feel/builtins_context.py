"""Built-ins for contexts (DMN 1.4, 10.3.4.12)."""

from typing import Any

from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_ITEMS
from app.feel.signatures import builtin
from app.feel.values import CONTEXT, STRING, kind_of

_Entries = dict[str, Any]


@builtin("get value", "m: context", "key: string")
def get_value(_c: Evaluation, context: _Entries, key: str) -> Any:
    return context.get(key)


@builtin("get value", "context: context", "keys: list")
def get_value_deep(c: Evaluation, context: _Entries, keys: list[Any]) -> Any:
    found: Any = context
    for key in keys:
        c.spend(1)
        if kind_of(found) != CONTEXT or kind_of(key) != STRING:
            return None
        found = found.get(key)
    return found


@builtin("get entries", "m: context")
def get_entries(c: Evaluation, context: _Entries) -> list[_Entries]:
    c.spend(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def context_of(c: Evaluation, entries: list[Any]) -> _Entries | None:
    made: _Entries = {}
    c.spend(len(entries))
    for entry in entries:
        if kind_of(entry) != CONTEXT or kind_of(entry.get("key")) != STRING:
            return None
        if "value" not in entry or entry["key"] in made:
            return None
        made[entry["key"]] = entry["value"]
    return made


@builtin("context put", "context: context", "key: string", "value: any")
def context_put(c: Evaluation, context: _Entries, key: str, value: Any) -> _Entries:
    c.spend(len(context))
    return {**context, key: value}


@builtin("context put", "context: context", "keys: list", "value: any")
def context_put_deep(
    c: Evaluation, context: _Entries, keys: list[Any], value: Any
) -> _Entries | None:
    """Replace what stands under a path of keys, making contexts on the way."""
    if not keys or any(kind_of(key) != STRING for key in keys):
        return None
    above: list[_Entries] = [context]
    for key in keys[:-1]:
        inner = above[-1].get(key)
        if inner is not None and kind_of(inner) != CONTEXT:
            return None
        above.append(inner or {})
    made: Any = value
    for entries, key in zip(reversed(above), reversed(keys), strict=True):
        c.spend(len(entries) + 1)
        made = {**entries, key: made}
    changed: _Entries = made
    return changed


@builtin("context merge", "contexts: list")
def context_merge(c: Evaluation, contexts: list[Any]) -> _Entries | None:
    made: _Entries = {}
    for context in contexts:
        if kind_of(context) != CONTEXT:
            return None
        c.spend(len(context) + 1)
        made.update(context)
    if len(made) > MAX_ITEMS:
        raise FeelEvaluationError(f"Ngữ cảnh có hơn {MAX_ITEMS} mục")
    return made


@builtin("is empty", "value: list|context|string")
def is_empty(_c: Evaluation, value: Any) -> bool:
    return len(value) == 0
