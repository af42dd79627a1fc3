"""Builds the fields of a form from their properties.

What form-js has no words for stands under a component's custom `properties`, as text:

| name | on | means |
| --- | --- | --- |
| `identity` | textfield | `true`: CCCD or CMND; `cccd`: CCCD only |
| `vietnamese_date` | textfield | a date as people write it, stored as ISO 8601 |
| `earliest`, `latest` | dates | an ISO date or a FEEL expression, both included |
| `accept`, `max_mb`, `max_count` | filepicker | limits; also as one object `files` |
| `autocomplete` | every field | a token of the HTML standard that concerns the person |
| `inline` | choices | options beside each other |
| `min_rows`, `max_rows` | dynamiclist | number of rows |
"""

from collections.abc import Callable
from typing import Any

from app.forms.choice_fields import CheckboxField, ChoiceField, Option, options_of
from app.forms.components import Field
from app.forms.file_fields import FileField
from app.forms.limits import LONGEST_TEXT, MAX_FILE_MB, MAX_FILES
from app.forms.moment_fields import MomentField
from app.forms.number_fields import NumberField
from app.forms.properties import Properties
from app.forms.scope import NOTHING, Dynamic
from app.forms.text_fields import EmailField, IdentityField, PhoneField, TextField

Common = dict[str, Any]

_AUTOCOMPLETE = frozenset(
    [
        "name",
        "given-name",
        "family-name",
        "email",
        "tel",
        "street-address",
        "address-line1",
        "address-level1",
        "address-level2",
        "address-level3",
        "postal-code",
        "bday",
        "organization",
        "off",
    ]
)
_DEFAULT_FILE_MB = 10


def _field(properties: Properties, custom: Properties, label: str = "label") -> Common:
    built: Common = {
        "label": properties.template(label),
        "hint": properties.template("description"),
        "readonly": properties.condition("readonly"),
        "disabled": properties.condition("disabled"),
        "default": properties.dynamic("defaultValue"),
    }
    if not built["label"].parts:
        properties.warning("form.label", "Trường chưa có nhãn")
    autocomplete = custom.text("autocomplete")
    if autocomplete and autocomplete not in _AUTOCOMPLETE:
        properties.error("form.value", f"autocomplete “{autocomplete[:40]}” không được hỗ trợ")
        autocomplete = ""
    return {**built, "autocomplete": autocomplete}


def _affixes(properties: Properties) -> Common:
    appearance = properties.part("appearance")
    parts = {
        "prefix": appearance.text("prefixAdorner"),
        "suffix": appearance.text("suffixAdorner"),
    }
    appearance.finish(" trong “appearance”")
    return parts


def _text(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    if custom.flag("vietnamese_date"):
        return _typed_date(properties, custom, validate, common)
    kind, extra = _text_kind(properties, custom, validate)
    properties.get("autocomplete")
    parts = _field(properties, custom)
    parts["autocomplete"] = parts["autocomplete"] or {EmailField: "email", PhoneField: "tel"}.get(
        kind, ""
    )
    field = kind(**common, **parts, **_lengths(validate), **_affixes(properties), **extra)
    _finish(custom, validate)
    return field


def _text_kind(
    properties: Properties, custom: Properties, validate: Properties
) -> tuple[type[TextField], Common]:
    extra: Common = {
        "pattern": validate.pattern("pattern"),
        "pattern_message": validate.text("patternErrorMessage"),
    }
    identity = str(custom.get("identity") or "").lower()
    if identity:
        if identity not in {"true", "cccd"}:
            properties.error("form.value", "identity phải là true (CCCD hoặc CMND) hoặc cccd")
        return IdentityField, {**extra, "old_card": identity != "cccd"}
    kind = validate.choice("validationType", {"email", "phone", "custom", ""}, "")
    return {"email": EmailField, "phone": PhoneField}.get(kind, TextField), extra


def _typed_date(
    properties: Properties, custom: Properties, validate: Properties, common: Common
) -> Field:
    for name in ("minLength", "maxLength", "pattern", "patternErrorMessage", "validationType"):
        validate.get(name)
    properties.get("appearance")
    field = MomentField(
        **common,
        **_field(properties, custom),
        required=validate.condition("required"),
        earliest=custom.dynamic("earliest"),
        latest=custom.dynamic("latest"),
    )
    _finish(custom, validate)
    return field


def _area(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    field = TextField(**common, **_field(properties, custom), **_lengths(validate), lines=True)
    _finish(custom, validate)
    return field


def _lengths(validate: Properties) -> Common:
    parts = {
        "required": validate.condition("required"),
        "min_length": validate.bound("minLength"),
        "max_length": validate.bound("maxLength"),
    }
    for name in ("min_length", "max_length"):
        literal = parts[name].literal
        if literal is not None and (
            not isinstance(literal, int) or not 0 <= literal <= LONGEST_TEXT
        ):
            validate.error("form.value", f"Độ dài phải là số nguyên từ 0 đến {LONGEST_TEXT}")
            parts[name] = NOTHING
    _ordered(validate, parts["min_length"], parts["max_length"])
    return parts


def _number(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    field = NumberField(
        **common,
        **_field(properties, custom),
        **_affixes(properties),
        required=validate.condition("required"),
        minimum=validate.bound("min"),
        maximum=validate.bound("max"),
        decimals=properties.whole("decimalDigits", 0, 30),
        increment=properties.decimal("increment"),
        as_text=properties.flag("serializeToString"),
    )
    _ordered(validate, field.minimum, field.maximum)
    _finish(custom, validate)
    return field


def _ordered(validate: Properties, low: Dynamic, high: Dynamic) -> None:
    if low.literal is not None and high.literal is not None and low.literal > high.literal:
        validate.error("form.value", "Giới hạn dưới lớn hơn giới hạn trên")


def _moment(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    subtype = properties.choice("subtype", {"date", "time", "datetime"}, "date")
    given = "timeLabel" if subtype == "time" else "dateLabel"
    label = "label" if properties.raw.get("label") else given
    for name in ("label", "dateLabel", "timeLabel", "use24h", "timeInterval", "dateTimeLabel"):
        properties.get(name)
    formats = {"no_timezone", "utc_offset", "utc_normalized"}
    field = MomentField(
        **common,
        **_field(properties, custom, label),
        required=validate.condition("required"),
        subtype=subtype,
        storing=properties.choice("timeSerializingFormat", formats, "no_timezone"),
        from_today=properties.flag("disallowPassedDates"),
        earliest=custom.dynamic("earliest"),
        latest=custom.dynamic("latest"),
    )
    _finish(custom, validate)
    return field


def _checkbox(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    field = CheckboxField(
        **common, **_field(properties, custom), required=validate.condition("required")
    )
    _finish(custom, validate)
    return field


def _choice(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    properties.get("searchable")
    values_key = ".".join(properties.key("valuesKey"))
    computed = properties.dynamic("valuesExpression", bare=True)
    options = _options(properties, needed=not values_key and computed.expression is None)
    field = ChoiceField(
        **common,
        **_field(properties, custom),
        required=validate.condition("required"),
        several=common["type"] in {"checklist", "taglist"},
        options=options,
        values_key=values_key,
        computed=computed,
        inline=custom.flag("inline"),
    )
    _finish(custom, validate)
    return field


def _options(properties: Properties, *, needed: bool) -> tuple[Option, ...]:
    raw = properties.get("values")
    options = options_of(raw)
    given = len(raw) if isinstance(raw, list) else 0
    if needed and not options:
        properties.error("form.options", "Chưa có lựa chọn nào")
    elif len(options) < given:
        properties.error("form.options", "Có lựa chọn trùng, trống hoặc không phải chữ, số")
    return options


def _files(properties: Properties, common: Common) -> Field:
    custom, validate = properties.part("properties"), properties.part("validate")
    inner = custom.part("files") if isinstance(custom.get("files"), dict) else custom
    multiple = properties.dynamic("multiple").literal is True
    accept = inner.text("accept") or properties.text("accept")
    properties.get("accept")
    field = FileField(
        **common,
        **_field(properties, custom),
        required=validate.condition("required"),
        accept=_kinds(properties, accept),
        max_mb=inner.whole("max_mb", 1, MAX_FILE_MB) or _DEFAULT_FILE_MB,
        max_count=inner.whole("max_count", 1, MAX_FILES) or (MAX_FILES if multiple else 1),
    )
    if inner is not custom:
        inner.finish(" trong “files”")
    _finish(custom, validate)
    return field


def _kinds(properties: Properties, accept: str) -> tuple[str, ...]:
    kinds = tuple(part.strip().lower() for part in accept.split(",") if part.strip())
    for kind in kinds:
        body = kind.removeprefix(".").replace("/", "", 1).removesuffix("*")
        if (kind[0] != "." and "/" not in kind) or not body.replace("-", "a").replace(
            ".", "a"
        ).replace("+", "a").isalnum():
            properties.error("form.value", f"Loại tệp “{kind[:40]}” phải có dạng .pdf hoặc image/*")
    return kinds


def _finish(custom: Properties, validate: Properties) -> None:
    custom.finish(" trong “properties”")
    validate.finish(" trong “validate”")


FIELD_BUILDERS: dict[str, Callable[[Properties, Common], Field]] = {
    "textfield": _text,
    "textarea": _area,
    "number": _number,
    "datetime": _moment,
    "checkbox": _checkbox,
    "radio": _choice,
    "select": _choice,
    "checklist": _choice,
    "taglist": _choice,
    "filepicker": _files,
}
