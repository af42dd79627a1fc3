"""SpiffWorkflow's parser, made complete."""

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.specs import defaults

from app.engine.parser import DiagramParser
from app.engine.reading import read
from app.engine.xml import parse_xml
from tests.engine import diagrams as d


def parsed(bpmn: bytes) -> DiagramParser:
    parser = DiagramParser()
    parser.add_bpmn_xml(parse_xml(bpmn))
    return parser


def test_specs_are_those_of_the_library():
    parser = parsed(
        d.straight(
            d.user("a"),
            d.node("parallelGateway", "g"),
            d.sub("t", d.start("s2")),
            identifiers=("a", "g", "t"),
        )
    )
    specs = parser.get_spec("p").task_specs
    assert isinstance(specs["a"], defaults.UserTask)
    assert isinstance(specs["g"], defaults.ParallelGateway)
    assert isinstance(specs["t"], defaults.SubWorkflowTask)
    assert list(parser.get_spec("t").task_specs) == ["s2"]


def test_the_class_tables_of_the_library_stay_as_they_are():
    before = dict(BpmnParser.OVERRIDE_PARSER_CLASSES), dict(BpmnParser.PARSER_CLASSES)
    parsed(d.straight(d.user("a"), identifiers=("a",)))
    assert (dict(BpmnParser.OVERRIDE_PARSER_CLASSES), dict(BpmnParser.PARSER_CLASSES)) == before


def test_elements_named_like_the_library_s_own_are_no_trouble():
    reading = read(
        d.process(d.start("Start"), d.user("Root"), d.end("End"), d.chain("Start", "Root", "End"))
    )
    assert not reading.report.errors


def test_unreachable_elements_are_kept():
    reading = read(d.process(d.start(), d.user("a"), d.end(), d.chain("s", "e")))
    assert set(reading.processes["p"].nodes) == {"s", "a", "e"}


def test_the_innermost_lane_counts_also_inside_a_sub_process():
    lanes = (
        '<laneSet id="l0"><lane id="l1" name="Sở"><childLaneSet id="l2"><lane id="l3" name="Phòng">'
        "<flowNodeRef>a</flowNodeRef><flowNodeRef>t</flowNodeRef></lane></childLaneSet></lane></laneSet>"
    )
    inner = d.sub("t", d.start("s2"), d.user("b"), d.chain("s2", "b"))
    reading = read(d.process(lanes, d.start(), d.user("a"), inner, d.chain("s", "a", "t")))
    nodes = reading.processes["p"].nodes
    assert (nodes["a"].lane, nodes["b"].lane, nodes["s"].lane) == ("Phòng", "Phòng", None)


def test_data_stores_and_artifacts_are_documentation():
    bpmn = d.process(
        '<dataObject id="do"/><dataObjectReference id="dr" dataObjectRef="do"/>'
        '<dataStoreReference id="sr" dataStoreRef="ds"/>'
        "<textAnnotation id='ta'><text>ghi chú</text></textAnnotation>",
        d.start(),
        d.user("a"),
        d.chain("s", "a"),
        around='<dataStore id="ds" name="Kho"/>',
    )
    assert not read(bpmn).report.errors


def test_the_words_of_the_standard_for_assignment():
    people = (
        "<humanPerformer><resourceAssignmentExpression><formalExpression>an</formalExpression>"
        "</resourceAssignmentExpression></humanPerformer><potentialOwner>"
        "<resourceAssignmentExpression><formalExpression>user(binh), group(reception), specialist"
        "</formalExpression></resourceAssignmentExpression></potentialOwner>"
    )
    reading = read(d.straight(d.user("a", people), identifiers=("a",)))
    work = reading.processes["p"].nodes["a"].work
    assert work.assignee.value == "an"
    assert [one.value for one in work.users] == ["binh"]
    assert [one.value for one in work.groups] == ["reception", "specialist"]


def test_operaton_s_namespace_is_read_too():
    bpmn = d.straight(d.user("a", camunda__assignee="an"), identifiers=("a",)).replace(
        b"http://camunda.org/schema/1.0/bpmn", b"http://operaton.org/schema/1.0/bpmn"
    )
    assert read(bpmn).processes["p"].nodes["a"].work.assignee.value == "an"


def test_properties_are_kept():
    holder = d.extensions(
        '<camunda:properties><camunda:property name="x" value="1"/></camunda:properties>'
    )
    reading = read(d.straight(d.user("a", holder), identifiers=("a",)))
    assert reading.drawn["p"]["a"].dialect.properties == {"x": "1"}
