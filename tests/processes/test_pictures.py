"""The diagrams are read by people: complete, straight, and nothing lies on anything else."""

from itertools import combinations, pairwise

import pytest

from tests.processes.geometry import NOTES, Box, Picture, picture
from tests.processes.sets import KEYS, diagram

FLOWS = {"sequenceFlow", "messageFlow"}
SHOWN = {"participant", "lane", "textAnnotation"}


@pytest.fixture(params=KEYS)
def drawn(request: pytest.FixtureRequest) -> Picture:
    return picture(diagram(request.param))


def test_everything_has_its_place(drawn: Picture) -> None:
    shown = {one for one, kind in drawn.kinds.items() if kind in SHOWN} | set(drawn.members)
    shown |= set(drawn.hosts)
    lines = {one for one, kind in drawn.kinds.items() if kind in FLOWS | {"association"}}
    assert shown == set(drawn.shapes)
    assert lines == set(drawn.lines)


def test_every_step_lies_in_its_lane(drawn: Picture) -> None:
    outside = [
        one
        for one, lane in drawn.members.items()
        if not drawn.shapes[lane].holds(drawn.shapes[one])
    ]
    assert outside == []


def test_no_two_things_overlap(drawn: Picture) -> None:
    """A gateway is a diamond: names may stand in its corners."""
    boxes = {
        one: box.core() if drawn.kinds[one].endswith("Gateway") else box
        for one, box in drawn.things().items()
    }
    boxes |= {f"name of {one}": box for one, box in drawn.names.items()}
    overlaps = [
        (one, other)
        for (one, box), (other, second) in combinations(boxes.items(), 2)
        if box.meets(second) and drawn.hosts.get(one) != other and drawn.hosts.get(other) != one
    ]
    assert overlaps == []


def test_lines_are_straight_and_end_at_their_shapes(drawn: Picture) -> None:
    for line, (source, target) in drawn.sources.items():
        if drawn.kinds[line] not in FLOWS:
            continue
        points = drawn.lines[line]
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points)), line
        for point, end in ((points[0], source), (points[-1], target)):
            assert _on_edge(drawn.shapes[end], point), (line, end)


def test_no_line_runs_through_a_thing_or_a_name(drawn: Picture) -> None:
    crossed = []
    for line, ends in drawn.sources.items():
        hosts = {drawn.hosts.get(end) for end in ends}
        obstacles = {one: box for one, box in drawn.things().items() if one not in {*ends, *hosts}}
        obstacles |= {f"name of {one}": box for one, box in drawn.names.items()}
        crossed += [
            (line, one)
            for piece in drawn.pieces(line)
            for one, box in obstacles.items()
            if piece.meets(box) and drawn.kinds.get(one) not in NOTES
        ]
    assert crossed == []


def test_no_two_lines_run_over_each_other(drawn: Picture) -> None:
    flows = [line for line in drawn.lines if drawn.kinds[line] in FLOWS]
    shared = [
        (one, other)
        for one, other in combinations(flows, 2)
        for piece in drawn.pieces(one)
        for second in drawn.pieces(other)
        if _run_together(piece, second)
    ]
    assert shared == []


def test_lines_cross_only_where_the_post_answers(drawn: Picture) -> None:
    """One crossing is unavoidable: the post answers both events behind the event gateway."""
    flows = [line for line in drawn.lines if drawn.kinds[line] in FLOWS]
    crossings = {
        (one, other)
        for one, other in combinations(flows, 2)
        for piece in drawn.pieces(one)
        for second in drawn.pieces(other)
        if _cross(piece, second)
    }
    allowed = {("flow_post_wait_post_delivered", "message_flow_returned")}
    assert crossings <= allowed


def _on_edge(box: Box, point: tuple[float, float]) -> bool:
    x, y = point
    beside = x in {box.x, box.right} and box.y <= y <= box.bottom
    return beside or (y in {box.y, box.bottom} and box.x <= x <= box.right)


def _run_together(one: Box, other: Box) -> bool:
    if one.width == other.width == 0 and one.x == other.x:
        return min(one.bottom, other.bottom) > max(one.y, other.y)
    if one.height == other.height == 0 and one.y == other.y:
        return min(one.right, other.right) > max(one.x, other.x)
    return False


def _cross(one: Box, other: Box) -> bool:
    flat, steep = (one, other) if one.height == 0 else (other, one)
    if flat.height or steep.width:
        return False
    return flat.x < steep.x < flat.right and steep.y < flat.y < steep.bottom
