"""A diagram becomes a picture and a list; whatever strangers write in it, both stay harmless."""

import itertools
import math
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.engine import DrawingStates
from app.domain.errors import InvalidInput
from app.engine.drawing import describe, draw
from app.engine.drawing_text import width_of, wrap
from app.engine.xml import local_name, parse_xml

GOLDEN = Path(__file__).parent / "golden"
PERMIT_STATES = DrawingStates(
    done=frozenset({"nop", "tiep_nhan", "du", "phi", "nop_phi", "csdl"}),
    active=frozenset({"tham_dinh"}),
    flows=frozenset({"f1", "f2", "f5", "f6", "f7", "f8"}),
    badges={"tham_dinh": 12},
)
GALLERY_STATES = DrawingStates(
    done=frozenset({"userTask", "sendTask", "exclusiveGateway"}),
    active=frozenset({"it", "par", "parallelGateway"}),
    incident=frozenset({"scriptTask", "tt"}),
    cancelled=frozenset({"manualTask", "inclusiveGateway"}),
    flows=frozenset({"i1", "dflt"}),
    badges={"scriptTask": 1234},
    links={"userTask": '/viec?a=1&b="2"'},
)
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = (
    'xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:dd="http://www.omg.org/spec/DD/20100524/DI"'
)


def sample(name: str) -> bytes:
    return (GOLDEN / f"{name}.bpmn").read_bytes()


def diagram(content: str, shapes: str = "", outside: str = "") -> bytes:
    plane = (
        f'<di:BPMNDiagram><di:BPMNPlane bpmnElement="p">{shapes}</di:BPMNPlane></di:BPMNDiagram>'
    )
    return (
        f'<definitions xmlns="{BPMN}" {DI}>{outside}<process id="p">{content}</process>'
        f"{plane if shapes else ''}</definitions>"
    ).encode()


def shape(node_id: str, x: object, y: object, width: object = 100, height: object = 80) -> str:
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<di:BPMNShape bpmnElement="{node_id}">{bounds}</di:BPMNShape>'


def flow(source: str, target: str, name: str = "") -> str:
    label = f' name="{name}"' if name else ""
    return (
        f'<sequenceFlow id="{source}-{target}"{label} sourceRef="{source}" targetRef="{target}"/>'
    )


def picture(data: bytes, states: DrawingStates | None = None, **options):
    return parse_xml(draw(data, states or DrawingStates(), title="Sơ đồ", **options).encode())


def node(svg, element_id: str):
    found = [one for one in svg.iter() if one.get("data-element") == element_id]
    assert len(found) == 1
    return found[0]


def shown(svg) -> set[str]:
    return {one.get("data-element") for one in svg.iter() if one.get("data-element")}


def words(svg) -> str:
    texts = (one for one in svg.iter() if local_name(one) == "text")
    return " | ".join(" ".join(span.text for span in text) for text in texts)


def view(svg) -> tuple[float, ...]:
    return tuple(float(part) for part in svg.get("viewBox").split())


GOLDEN_PICTURES = {
    "permit": ("permit", PERMIT_STATES, None),
    "permit-near-the-step": ("permit", PERMIT_STATES, {"tham_dinh"}),
    "permit-without-places": ("permit-without-places", PERMIT_STATES, None),
    "all-elements": ("all-elements", GALLERY_STATES, None),
    "standing-lanes": ("standing-lanes", DrawingStates(active=frozenset({"xac_minh"})), None),
    "standing-lanes-near-the-step": ("standing-lanes", DrawingStates(), {"tra_cuu"}),
}


@pytest.mark.parametrize("name", GOLDEN_PICTURES)
def test_a_picture_is_as_it_was_when_somebody_last_looked(name):
    """After a change on purpose: delete the file, run again, and look at what was written."""
    source, states, crop_to = GOLDEN_PICTURES[name]
    drawn = draw(sample(source), states, title="Sơ đồ quy trình", crop_to=crop_to)
    path = GOLDEN / f"{name}.svg"
    if not path.exists():
        path.write_text(drawn.replace("><", ">\n<") + "\n")
        pytest.fail(f"{path.name} was missing and has been written: look at it and run again")
    assert drawn.replace("><", ">\n<") + "\n" == path.read_text()


@pytest.mark.parametrize("name", GOLDEN_PICTURES)
def test_a_picture_obeys_the_strictest_policy(name):
    source, states, crop_to = GOLDEN_PICTURES[name]
    svg = picture(sample(source), states, crop_to=crop_to)
    tags = {local_name(one) for one in svg.iter()}
    assert tags <= {
        *("svg", "title", "desc", "defs", "marker", "g", "a"),
        *("rect", "circle", "path", "text", "tspan"),
    }
    attributes = {str(key) for one in svg.iter() for key in one.attrib}
    assert not [key for key in attributes if key == "style" or key.startswith("on")]
    ids = [one.get("id") for one in svg.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    text = draw(sample(source), states, title="Sơ đồ", crop_to=crop_to)
    assert set(re.findall(r"url\(#([^)]+)\)", text)) == set(
        re.findall(r'<marker id="([^"]+)"', text)
    )


def test_two_pictures_on_a_page_do_not_share_ids():
    one, other = (
        draw(sample("permit"), states, title="Sơ đồ") for states in (PERMIT_STATES, DrawingStates())
    )
    ids = [set(re.findall(r' id="([^"]+)"', text)) for text in (one, other)]
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]


def test_a_picture_is_the_same_each_time():
    drawn = {draw(sample("permit"), PERMIT_STATES, title="Sơ đồ") for _ in range(3)}
    assert len(drawn) == 1


# --- what it says ---------------------------------------------------------------------------


def test_a_reader_hears_where_the_case_stands():
    svg = picture(sample("permit"), PERMIT_STATES)
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "Sơ đồ"
    assert svg[0].text == "Sơ đồ"
    assert svg[1].text == "Đã qua 6 bước. Đang ở đây: Thẩm định hồ sơ xây dựng."


def test_every_name_is_written():
    written = words(picture(sample("permit")))
    for name in (
        "Công dân nộp hồ sơ",
        "Đối chiếu CSDL dân cư quốc gia",
        "Thiếu",
        "Bộ phận Một cửa",
    ):
        assert name in written


def test_states_are_classes_and_marks():
    svg = picture(sample("all-elements"), GALLERY_STATES)
    assert "is-done" in node(svg, "userTask").get("class")
    assert "is-active" in node(svg, "par").get("class")
    assert "is-incident" in node(svg, "scriptTask").get("class")
    assert "is-cancelled" in node(svg, "manualTask").get("class")
    assert "is-" not in node(svg, "receiveTask").get("class")
    assert "is-taken" in node(svg, "i1").get("class")
    assert "is-taken" not in node(svg, "i2").get("class")
    assert "999+" in words(svg)


def test_what_needs_a_person_wins_over_what_is_over():
    both = frozenset({"tham_dinh"})
    svg = picture(sample("permit"), DrawingStates(done=both, active=both, incident=both))
    assert "is-incident" in node(svg, "tham_dinh").get("class")
    svg = picture(sample("permit"), DrawingStates(done=both, active=both))
    assert "is-active" in node(svg, "tham_dinh").get("class")


def test_a_step_hidden_in_a_closed_box_marks_the_box():
    data = diagram(
        '<subProcess id="box" name="Hộp"><subProcess id="inner"><task id="hidden"/></subProcess>'
        "</subProcess>",
        shape("box", 0, 0),
    )
    svg = picture(data, DrawingStates(active=frozenset({"hidden"})))
    assert shown(svg) == {"box"}
    assert "is-active" in node(svg, "box").get("class")


def test_links_make_a_group_of_links():
    svg = picture(sample("all-elements"), GALLERY_STATES)
    link = node(svg, "userTask").getparent()
    assert svg.get("role") == "group"
    assert link.get("href") == '/viec?a=1&b="2"'
    assert link.get("aria-label") == "Việc của người, đã qua"


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example/",
        "/\\evil.example/",
        "http://evil.example/",
        "vbscript:x",
        "",
    ],
)
def test_a_link_that_could_harm_is_left_out(href):
    svg = picture(sample("permit"), DrawingStates(links={"tham_dinh": href}))
    assert [one for one in svg.iter() if local_name(one) == "a"] == []
    assert svg.get("role") == "img"


def test_signs_of_the_standard_are_all_there():
    svg = picture(sample("all-elements"))
    looks = {}
    for kind in ("userTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "task"):
        group = node(svg, kind)
        looks[kind] = "".join(
            f"{one.get('d')} {one.get('fill')}" for one in group.iter() if local_name(one) == "path"
        )
    assert looks.pop("task") == ""
    assert len(set(looks.values())) == len(looks)
    catching = [one for one in shown(svg) if one.startswith("intermediateCatchEvent_message_")]
    throwing = [one for one in shown(svg) if one.startswith("intermediateThrowEvent_message_")]
    fills = [
        [one.get("fill") for one in node(svg, event_id).iter() if local_name(one) == "path"]
        for event_id in (*catching, *throwing)
    ]
    assert fills[0][0] == "none"
    assert fills[1][0] not in {"none", "#ffffff"}


def test_what_does_not_interrupt_is_dashed():
    svg = picture(sample("all-elements"))

    def dashes(node_id: str) -> int:
        return sum(1 for one in node(svg, node_id).iter() if one.get("stroke-dasharray"))

    assert dashes("b2") == 2
    assert dashes("b1") == 0
    assert dashes("es") == 1
    assert dashes("exp") == 0


def test_kinds_of_lines_have_their_own_ends():
    svg = picture(sample("all-elements"))
    assert node(svg, "dflt").get("marker-start").endswith("slash)")
    assert node(svg, "cond").get("marker-start").endswith("diamond)")
    assert node(svg, "mf").get("marker-start").endswith("circle)")
    assert node(svg, "mf").get("marker-end").endswith("open)")
    assert node(svg, "dia").get("marker-end").endswith("vee)")
    assert node(svg, "as").get("marker-end") is None
    assert node(svg, "i1").get("marker-start") is None


def test_data_going_in_and_out_is_marked():
    data = diagram(
        '<ioSpecification><dataInput id="i" name="Đơn"/><dataOutput id="o" name="Giấy phép"/>'
        '</ioSpecification><task id="t"/>',
        shape("t", 0, 0) + shape("i", 0, 150, 36, 50) + shape("o", 100, 150, 36, 50),
    )
    svg = picture(data)
    signs = [list(node(svg, one)) for one in ("i", "o")]
    assert [len(paths) for paths in signs] == [2, 2]
    assert signs[0][1].get("fill") == "none"
    assert signs[1][1].get("fill") != "none"


def test_an_unknown_trigger_leaves_the_event_plain():
    data = diagram('<startEvent id="s"><strangeEventDefinition/></startEvent>')
    assert len(node(picture(data), "s")) == 1


def test_a_name_too_long_for_its_box_is_shortened_and_kept_as_a_tip():
    svg = picture(sample("all-elements"))
    title = next(one for one in node(svg, "long").iter() if local_name(one) == "title")
    assert title.text.endswith("theo quy định")
    assert "…" in words(svg)


# --- cut-outs -------------------------------------------------------------------------------


def test_a_cut_out_shows_two_steps_before_and_behind():
    whole, part = picture(sample("permit")), picture(sample("permit"), crop_to={"tham_dinh"})
    near = {"nop_phi", "csdl", "tham_dinh", "dat", "tu_choi", "ky"}
    assert near <= shown(part)
    assert not {"nop", "tiep_nhan", "bo_sung", "xong", "bi_tu_choi"} & shown(part)
    assert view(part)[2] < view(whole)[2] / 2
    assert "Cấp giấy phép xây dựng" in words(part)
    assert "Phòng Quản lý xây dựng" in words(part)


def test_a_cut_out_may_reach_less_far():
    near = picture(sample("permit"), crop_to={"tham_dinh"}, reach=1)
    assert {"csdl", "tham_dinh", "dat"} <= shown(near)
    assert view(near)[2] < view(picture(sample("permit"), crop_to={"tham_dinh"}))[2]


def test_a_cut_out_leaves_other_pools_away():
    svg = picture(sample("all-elements"), crop_to={"es"})
    assert "p1" in shown(svg)
    assert "p2" not in shown(svg)


def test_a_cut_out_around_nothing_shows_everything():
    whole = view(picture(sample("permit")))
    assert view(picture(sample("permit"), crop_to={"không có"})) == whole
    assert view(picture(sample("permit"), crop_to=set())) == whole


def test_a_cut_out_works_without_lanes_and_without_places():
    steps = "".join(f'<task id="t{i}"/>' for i in range(9))
    flows = "".join(flow(f"t{i}", f"t{i + 1}") for i in range(8))
    svg = picture(diagram(steps + flows), crop_to={"t4"})
    assert (
        {"t2", "t3", "t4", "t5", "t6"}
        <= shown(svg)
        <= {f"t{i}" for i in range(9)} | {f"t{i}-t{i + 1}" for i in range(8)}
    )
    assert "t0" not in shown(svg)


# --- bad input ------------------------------------------------------------------------------


def test_what_is_no_diagram_is_refused():
    for data in (b"<a/>", b"<definitions/>", b"", diagram(""), diagram("<task")):
        with pytest.raises(InvalidInput):
            draw(data, DrawingStates(), title="x")


BAD_NUMBERS = ["NaN", "inf", "-inf", "1e400", "1e30", "", "abc", "٣x", "--1"]


@pytest.mark.parametrize("bad", BAD_NUMBERS)
@pytest.mark.parametrize("place", range(4))
def test_a_shape_with_impossible_numbers_is_put_below(bad, place):
    numbers = [0, 0, 100, 80]
    numbers[place] = bad
    data = diagram(
        '<task id="a"/><task id="b"/>' + flow("a", "b"), shape("a", 10, 10) + shape("b", *numbers)
    )
    svg = picture(data)
    assert {"a", "b", "a-b"} <= shown(svg)
    assert all(math.isfinite(part) and abs(part) < 10_000 for part in view(svg))


def test_negative_places_are_fine_and_sizes_are_not():
    data = diagram(
        '<task id="a"/><task id="b"/><task id="c"/>',
        shape("a", -500, -300) + shape("b", 0, 0, -5, 80) + shape("c", 0, 0, 0, 0),
    )
    svg = picture(data)
    assert {"a", "b", "c"} == shown(svg)
    assert view(svg)[0] < -500


def test_bad_waypoints_give_a_straight_line():
    edge = (
        '<di:BPMNEdge bpmnElement="a-b"><dd:waypoint x="NaN" y="1"/><dd:waypoint y="1"/>'
        "</di:BPMNEdge>"
    )
    data = diagram(
        '<task id="a"/><task id="b"/>' + flow("a", "b"),
        shape("a", 0, 0) + shape("b", 200, 0) + edge,
    )
    assert node(picture(data), "a-b").get("d") == "M100 40L200 40"


def test_forgotten_steps_fill_rows_and_forgotten_events_find_their_host():
    steps = "".join(f'<task id="t{i}"/>' for i in range(20))
    data = diagram(f'{steps}<boundaryEvent id="late" attachedToRef="t0"/>', shape("t0", 0, 0))
    svg = picture(data)
    boxes = [outline(svg, f"t{i}") for i in range(20)]
    assert all(box[1] > 100 for box in boxes[1:])
    assert len({box[1] for box in boxes[1:]}) > 1
    assert len({box[:2] for box in boxes}) == 20
    event = outline(svg, "late")
    assert event[1] < 80 < event[3]


def test_a_waypoint_given_twice_does_not_matter():
    edge = (
        '<di:BPMNEdge bpmnElement="a-b">'
        + '<dd:waypoint x="100" y="40"/>' * 3
        + '<dd:waypoint x="200" y="40"/></di:BPMNEdge>'
    )
    data = diagram(
        '<task id="a"/><task id="b"/>' + flow("a", "b"),
        shape("a", 0, 0) + shape("b", 200, 0) + edge,
    )
    assert corners(picture(data), "a-b")[-1] == (200, 40)


def test_lines_of_no_length_do_not_matter():
    data = diagram(
        '<task id="a"/><task id="b"/>' + flow("a", "b"), shape("a", 0, 0) + shape("b", 0, 0)
    )
    assert "a-b" in shown(picture(data))


def test_equal_ids_and_missing_ids_do_not_matter():
    data = diagram(
        '<task id="a" name="Một"/><task id="a" name="Hai"/><task name="Ba"/><task id="" name="Bốn"/>',
        shape("a", 0, 0) + shape("a", 300, 300) + shape("ghost", 0, 0) + "<di:BPMNShape/>",
    )
    svg = picture(data)
    written = words(svg)
    assert "Hai" not in written
    assert all(name in written for name in ("Một", "Ba", "Bốn"))


def test_flows_to_nowhere_do_not_matter():
    data = diagram('<task id="a"/>' + flow("a", "ghost") + flow("ghost", "a") + flow("a", "a"))
    assert "a" in shown(picture(data))
    assert [one.id for one in describe(parse_xml(data))] == ["a"]


def test_boundary_events_without_a_host_stand_alone():
    data = diagram(
        '<boundaryEvent id="a" attachedToRef="a"/><boundaryEvent id="b" attachedToRef="c"/>'
        '<boundaryEvent id="c" attachedToRef="b"/><task id="d"/>' + flow("a", "d")
    )
    assert {"a", "b", "c", "d"} <= shown(picture(data))
    assert len(describe(parse_xml(data))) == 4


XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), max_size=40
).map(lambda text: "".join(c for c in text if c in "\t\n\r" or ord(c) >= 32))
HOSTILE = st.one_of(
    XML_TEXT,
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><script>',
            "' onload='alert(1)",
            "]]>",
            "<!--",
            "&lt;b&gt;",
            "{mark}",
            "%s{0}",
            "\u202e\u0301",
            "a" * 3000,
        ]
    ),
)


def escaped(text: str) -> str:
    for raw, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(raw, safe)
    return re.sub("[\ufffe\uffff]", "", text)


@settings(max_examples=150, deadline=None)
@given(HOSTILE, HOSTILE, st.text(max_size=30), HOSTILE)
def test_hostile_words_stay_words(name, flow_name, title, href):
    content = (
        f'<task id="t" name="{escaped(name)}"/><endEvent id="e" name="{escaped(name)}"/>'
        f'<sequenceFlow id="f" name="{escaped(flow_name)}" sourceRef="t" targetRef="e"/>'
        f"<textAnnotation id='n'><text>{escaped(name)}</text></textAnnotation>"
    )
    states = DrawingStates(
        active=frozenset({"t", title}), links={"t": f"/{href}"}, badges={"e": 1, title: 2}
    )
    for data in (diagram(content), diagram(content, shape("t", 0, 0) + shape("e", 200, 0))):
        svg = parse_xml(draw(data, states, title=title).encode())
        assert {local_name(one) for one in svg.iter()} <= {
            *("svg", "title", "desc", "defs", "marker", "g", "a"),
            *("rect", "circle", "path", "text", "tspan"),
        }
        assert not [key for one in svg.iter() for key in one.attrib if str(key).startswith("on")]
        assert describe(parse_xml(data))[0].id == "t"


# --- the automatic layout -------------------------------------------------------------------


@st.composite
def random_process(draw_one):
    count = draw_one(st.integers(1, 9))
    kinds = [
        draw_one(st.sampled_from(["task", "exclusiveGateway", "startEvent", "endEvent"]))
        for _ in range(count)
    ]
    pairs = draw_one(
        st.lists(
            st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)),
            max_size=14,
            unique=True,
        )
    )
    lanes = draw_one(st.integers(0, 3))
    members = [draw_one(st.integers(0, max(lanes - 1, 0))) for _ in range(count)]
    lane_set = "".join(
        f'<lane id="l{lane}" name="Làn {lane}">'
        + "".join(
            f"<flowNodeRef>n{i}</flowNodeRef>" for i, member in enumerate(members) if member == lane
        )
        + "</lane>"
        for lane in range(lanes)
    )
    steps = "".join(f'<{kind} id="n{i}"/>' for i, kind in enumerate(kinds))
    flows = "".join(flow(f"n{one}", f"n{other}") for one, other in pairs)
    return f"<laneSet>{lane_set}</laneSet>{steps}{flows}", pairs, members if lanes else []


def outline(svg, node_id: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a shape, read from what was drawn."""
    first = next(
        one for one in node(svg, node_id).iter() if local_name(one) in {"rect", "circle", "path"}
    )
    if local_name(first) == "circle":
        x, y, r = (float(first.get(key)) for key in ("cx", "cy", "r"))
        return x - r, y - r, x + r, y + r
    if local_name(first) == "rect":
        x, y, w, h = (float(first.get(key)) for key in ("x", "y", "width", "height"))
        return x, y, x + w, y + h
    numbers = [float(part) for part in re.findall(r"-?[\d.]+", first.get("d"))]
    return min(numbers[::2]), min(numbers[1::2]), max(numbers[::2]), max(numbers[1::2])


def corners(svg, flow_id: str) -> list[tuple[float, float]]:
    """The corner points of a line, rounded corners taken as sharp."""
    path = node(svg, flow_id).get("d")
    points = re.findall(r"([MLQ])(-?[\d.]+) (-?[\d.]+)", path)
    sharp = [(float(x), float(y)) for letter, x, y in points if letter in "MQ"]
    last = points[-1]
    return [*sharp, (float(last[1]), float(last[2]))]


@settings(max_examples=200, deadline=None)
@given(random_process())
def test_a_layout_keeps_steps_apart_and_lines_off_them(made):
    content, pairs, members = made
    svg = picture(diagram(content))
    ids = sorted({one for one in shown(svg) if re.fullmatch(r"n\d+", one)})
    boxes = {node_id: outline(svg, node_id) for node_id in ids}
    for one in ids:
        for other in ids:
            if one < other:
                a, b = boxes[one], boxes[other]
                assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
    for source, target in pairs:
        way = corners(svg, f"n{source}-n{target}")
        for (x1, y1), (x2, y2) in itertools.pairwise(way):
            assert abs(x1 - x2) < 0.2 or abs(y1 - y2) < 0.2
            for node_id in set(ids) - {f"n{source}", f"n{target}"}:
                left, top, right, bottom = boxes[node_id]
                crosses_x = min(x1, x2) < right - 1 and max(x1, x2) > left + 1
                crosses_y = min(y1, y2) < bottom - 1 and max(y1, y2) > top + 1
                assert not (crosses_x and crosses_y)
    for place, member in enumerate(members):
        lane = node(svg, f"l{member}")
        top, height = float(lane.get("y")), float(lane.get("height"))
        assert top < boxes[f"n{place}"][1]
        assert boxes[f"n{place}"][3] < top + height


def test_a_layout_opens_scopes_and_hangs_events_on_their_hosts():
    data = diagram(
        '<startEvent id="s"/><subProcess id="box" name="Hộp"><task id="in"/></subProcess>'
        '<boundaryEvent id="late" attachedToRef="box"><timerEventDefinition/></boundaryEvent>'
        '<endEvent id="e"/><task id="remind"/>'
        + flow("s", "box")
        + flow("box", "e")
        + flow("late", "remind")
        + flow("remind", "e")
    )
    svg = picture(data)
    left, top, right, bottom = outline(svg, "box")
    inner = outline(svg, "in")
    assert left < inner[0]
    assert top < inner[1]
    assert inner[2] < right
    assert inner[3] < bottom
    event = outline(svg, "late")
    assert event[1] < bottom < event[3]


def test_a_layout_draws_pools_messages_and_remarks():
    outside = (
        '<collaboration id="c"><participant id="us" name="Sở" processRef="p"/>'
        '<participant id="them" name="Người dân"/>'
        '<messageFlow id="m" name="Giấy hẹn" sourceRef="t" targetRef="them"/></collaboration>'
    )
    data = diagram(
        '<task id="t"/><textAnnotation id="n"><text>Nhớ ký số</text></textAnnotation>'
        '<dataStoreReference id="d" name="CSDL"/><association id="a" sourceRef="t" targetRef="n"/>',
        outside=outside,
    )
    svg = picture(data)
    assert {"us", "them", "t", "n", "d", "m", "a"} == shown(svg)
    assert "Người dân" in words(svg)
    assert "Nhớ ký số" in words(svg)


def test_a_layout_leads_messages_from_pool_to_pool():
    outside = (
        '<collaboration id="c"><participant id="us" processRef="p"/><participant id="x"/>'
        '<participant id="them" processRef="q"/>'
        '<messageFlow id="ask" sourceRef="a" targetRef="b"/>'
        '<messageFlow id="hear" sourceRef="x" targetRef="a"/></collaboration>'
        '<process id="q"><startEvent id="s"/><task id="b"/>' + flow("s", "b") + "</process>"
    )
    svg = picture(diagram('<task id="a"/>', outside=outside))
    upper, lower = outline(svg, "a"), outline(svg, "b")
    ask, hear = corners(svg, "ask"), corners(svg, "hear")
    assert ask[0][1] == pytest.approx(upper[3], abs=2)
    assert ask[-1][1] == pytest.approx(lower[1], abs=2)
    assert len(ask) == 4
    assert hear[0][0] == hear[-1][0] == pytest.approx((upper[0] + upper[2]) / 2, abs=1)
    assert hear[-1][1] == pytest.approx(upper[3], abs=2)


def test_a_layout_puts_lanes_into_lanes():
    content = re.sub(
        rb"<bpmndi:BPMNDiagram.*</bpmndi:BPMNDiagram>",
        b"",
        sample("standing-lanes"),
        flags=re.DOTALL,
    )
    svg = picture(content)
    outer, first, second = (lane_box(svg, lane) for lane in ("so", "mot_cua", "phong"))
    assert outer[0] < first[0] == second[0]
    assert outer[1] == first[1]
    assert outer[3] == second[3]
    assert first[3] == second[1]
    assert outer[2] == first[2] == lane_box(svg, "pool")[2]


def lane_box(svg, lane_id: str) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of a pool or lane."""
    x, y, w, h = (float(node(svg, lane_id).get(key)) for key in ("x", "y", "width", "height"))
    return x, y, round(x + w, 1), round(y + h, 1)


def test_a_layout_leads_back_from_an_event_on_the_edge():
    data = diagram(
        '<task id="a"/><task id="b"/><boundaryEvent id="late" attachedToRef="b"/>'
        + flow("a", "b")
        + flow("late", "a")
    )
    svg = picture(data)
    way = corners(svg, "late-a")
    assert way[0][1] == pytest.approx(outline(svg, "late")[3], abs=1)
    assert way[1][1] > outline(svg, "b")[3]
    assert way[-1][0] == pytest.approx(outline(svg, "a")[0], abs=1)
    assert way[-2][0] < way[-1][0]


def test_big_files_are_drawn_in_reasonable_time():
    steps = "".join(f'<task id="t{i}"/>' for i in range(3000))
    star = "".join(flow("t0", f"t{i}") for i in range(1, 3000))
    started = time.perf_counter()
    draw(diagram(steps + star), DrawingStates(), title="x")
    draw(diagram(steps), DrawingStates(), title="x")
    assert time.perf_counter() - started < 10


# --- the list -------------------------------------------------------------------------------


def test_the_list_follows_the_flow():
    steps = describe(parse_xml(sample("permit-without-places")))
    order = [step.id for step in steps]
    assert order[:3] == ["nop", "tiep_nhan", "du"]
    assert sorted(order, key=order.index) == order
    assert order.index("csdl") < order.index("tham_dinh") < order.index("dat") < order.index("ky")
    gateway = next(step for step in steps if step.id == "du")
    assert gateway.next_names == (
        "Thiếu → Bổ sung hồ sơ theo yêu cầu",
        "Đủ → Xác định phí và thời hạn",
    )
    assert gateway.kind == "Rẽ nhánh: chọn một"
    assert gateway.lane == "Bộ phận Một cửa"


def test_the_list_puts_inner_steps_behind_their_box_and_names_the_nameless():
    data = diagram(
        '<endEvent id="e"><terminateEventDefinition/></endEvent>'
        '<subProcess id="box" name="Hộp"><task id="b"/><startEvent id="a"/>'
        + flow("a", "b")
        + '</subProcess><boundaryEvent id="late" name="Quá hạn" attachedToRef="box">'
        '<timerEventDefinition/></boundaryEvent><startEvent id="s"/>'
        + flow("s", "box")
        + flow("box", "e")
        + '<laneSet><lane id="l" name="Làn"><flowNodeRef>box</flowNodeRef></lane></laneSet>'
    )
    steps = {step.id: step for step in describe(parse_xml(data))}
    assert list(steps)[:4] == ["s", "box", "a", "b"]
    assert set(list(steps)[4:]) == {"late", "e"}
    assert steps["box"].next_names == ("Kết thúc (dừng toàn bộ)",)
    assert steps["late"].kind == "Sự kiện kèm theo (hẹn giờ)"
    assert steps["a"].name == "Bắt đầu"
    assert {steps[one].lane for one in ("box", "a", "b", "late")} == {"Làn"}
    assert steps["s"].lane is None


def test_a_loop_without_a_start_is_still_listed():
    data = diagram('<task id="a"/><task id="b"/>' + flow("a", "b") + flow("b", "a"))
    assert [step.id for step in describe(parse_xml(data))] == ["a", "b"]


def test_a_process_named_like_its_step_is_still_listed():
    assert [step.id for step in describe(parse_xml(diagram('<task id="p"/>')))] == ["p"]


# --- text -----------------------------------------------------------------------------------


def test_widths_are_those_of_the_font():
    assert width_of("Hồ sơ", 1000) == 652 + 542 + 200 + 419 + 542
    assert width_of("a", 10, bold=True) > width_of("a", 10)
    assert width_of("ạ", 10) == width_of("a\u0323", 10)


def test_a_mark_stays_with_its_letter_when_a_word_is_cut():
    lines = wrap("e\u0323" * 30, 50, 12)
    assert len(lines) > 1
    assert not [line for line in lines if line.startswith("\u0323")]


@given(
    st.text(st.sampled_from("abc Ồờ wWiI—"), max_size=80),
    st.floats(20, 200),
    st.integers(1, 5),
    st.booleans(),
)
def test_wrapped_text_fits_and_loses_nothing_but_what_the_ellipsis_stands_for(
    text, width, most, bold
):
    lines = wrap(text, width, 12, most=most, bold=bold)
    assert len(lines) <= most
    assert all(width_of(line, 12, bold=bold) <= width for line in lines)
    joined, whole = "".join(lines).replace(" ", ""), text.replace(" ", "")
    assert joined == whole or (joined.endswith("…") and whole.startswith(joined[:-1]))
