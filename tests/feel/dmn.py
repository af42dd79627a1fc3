"""Small builders of DMN files."""

from xml.sax.saxutils import escape

from lxml import etree

from app.feel.decisions import DecisionModel, Decisions

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def model(body: str, attributes: str = "", namespace: str = DMN) -> DecisionModel:
    """Compile `definitions` around a body."""
    text = (
        f'<definitions xmlns="{namespace}" xmlns:camunda="http://camunda.org/schema/1.0/dmn"'
        f' id="d" name="d" namespace="n" {attributes}>{body}</definitions>'
    )
    return Decisions.parse(etree.fromstring(text))


def text(source: str) -> str:
    return f"<text>{escape(source)}</text>"


def literal(source: str, attributes: str = "") -> str:
    return f"<literalExpression {attributes}>{text(source)}</literalExpression>"


def table(
    inputs: list[str],
    outputs: list[str],
    rules: list[list[str]],
    attributes: str = "",
    values: dict[str, str] | None = None,
    defaults: dict[str, str] | None = None,
) -> str:
    """Write a decision table: rules are cells from left to right; ids are `r1, r2…`."""
    columns = "".join(
        f'<input label="{escape(source)}"><inputExpression>{text(source)}</inputExpression></input>'
        for source in inputs
    )
    columns += "".join(_output(name, values or {}, defaults or {}) for name in outputs)
    rows = "".join(
        f'<rule id="r{place}">'
        + "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in cells[: len(inputs)])
        + "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in cells[len(inputs) :])
        + "</rule>"
        for place, cells in enumerate(rules, 1)
    )
    return f"<decisionTable {attributes}>{columns}{rows}</decisionTable>"


def _output(name: str, values: dict[str, str], defaults: dict[str, str]) -> str:
    inner = ""
    if name in values:
        inner += f"<outputValues>{text(values[name])}</outputValues>"
    if name in defaults:
        inner += f"<defaultOutputEntry>{text(defaults[name])}</defaultOutputEntry>"
    return f'<output name="{name}">{inner}</output>'


def decision(logic: str, key: str = "x", requires: str = "", variable: str = "") -> str:
    """Write a decision; `requires` are finished requirement elements."""
    return f'<decision id="{key}" name="{key}">{variable}{requires}{logic}</decision>'


def needs(kind: str, key: str) -> str:
    outer = "knowledgeRequirement" if kind == "requiredKnowledge" else "informationRequirement"
    return f'<{outer}><{kind} href="#{key}"/></{outer}>'
