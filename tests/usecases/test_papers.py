"""Uploads are what their name says, belong to whom they were given for, and leave as attachments."""

from typing import Any

import pytest

from app.domain.errors import InvalidInput, NotFound
from app.domain.instances import SubjectKind
from app.usecases import cases, papers, uploads
from app.usecases.uploads import MAX_BYTES, Upload
from tests.scenarios import flows
from tests.service import House, actor


def put(
    house: House, name: str, content: bytes, by: str = "chi.reception", agency: str = "stttt"
) -> dict[str, Any]:
    with house.open_work() as work:
        kept = uploads.put(work, actor(work, by), agency, Upload(name, content, "TP01"))
        return uploads.reference(kept)


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b""),
        ("a.pdf", b"<html><script>alert(1)</script>"),
        ("a.pdf", PNG),
        ("a.png", flows.PDF),
        ("a.jpg", b"GIF89a/*%PDF-1.7*/"),
        ("a.html", b"<html>"),
        ("a.svg", b"<svg onload='x'/>"),
        ("a.exe", b"MZ"),
        ("a.pdf.exe", flows.PDF),
        ("a", flows.PDF),
        ("a.docx", flows.PDF),
        ("a.pdf", b"%PDF-" + b"x" * MAX_BYTES),
        ("a.pdf", b"x%PDF-1.7 polyglot whose header comes late"),
    ],
)
def test_what_is_not_what_it_says_is_refused(one_house: House, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        put(one_house, name, content)
    assert "file" in refusal.value.fields


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\An\\giấy tờ.PDF", "giấy tờ.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("con.pdf", "tep.pdf"),
        ("hoa\u202efdp.pdf", "hoafdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie: x.pdf"),
        ("a" * 300 + ".pdf", "a" * 100 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(one_house: House, sent: str, kept: str) -> None:
    assert put(one_house, sent, flows.PDF)["name"] == kept


def test_a_file_that_is_two_things_is_served_as_what_it_was_taken_for(one_house: House) -> None:
    """A PDF with HTML behind it stays a PDF: type and name come from us, never from its bytes."""
    reference = put(one_house, "a.pdf", flows.PDF + b"<html><script>alert(1)</script>")
    with one_house.open_work(read_only=True) as work:
        paper, content = papers.readable(work, actor(work, "chi.reception"), reference["id"])
    assert paper.mime == "application/pdf"
    assert content.startswith(b"%PDF-")


def test_an_upload_is_its_uploaders_alone(one_house: House) -> None:
    reference = put(one_house, "a.pdf", flows.PDF)
    for username in ("giang.specialist", "binh.leader", "viet.admin"):
        with one_house.open_work(read_only=True) as work, pytest.raises(NotFound):
            papers.readable(work, actor(work, username), reference["id"])


def test_papers_of_a_case_are_for_those_who_work_on_it(one_house: House) -> None:
    case = flows.enter(one_house)
    with one_house.open_work(read_only=True) as work:
        [first, _second] = work.papers.of_subject("case", case.id)
        for username in ("chi.reception", "giang.specialist", "uyen.auditor"):
            paper, content = papers.readable(work, actor(work, username), first.id)
            assert content == flows.PDF
            assert paper.subject_id == case.id
        for username in ("oanh.reception", "quyen.specialist", "tam.vendor", "yen.citizen"):
            with pytest.raises(NotFound):
                papers.readable(work, actor(work, username), first.id)


def test_a_paper_of_another_case_cannot_be_named_in_mine(one_house: House) -> None:
    theirs = flows.enter(one_house)
    with one_house.open_work(read_only=True) as work:
        stolen = uploads.reference(work.papers.of_subject("case", theirs.id)[0])
    desk = one_house.actor("chi.reception")
    with one_house.open_work() as work, pytest.raises(InvalidInput, match="hồ sơ khác"):
        uploads.bind(work, desk, {"TP01": [stolen]}, SubjectKind.CASE, "mine")


def test_a_colleagues_upload_can_be_handed_in(one_house: House) -> None:
    """A draft survives its writer: who goes on with it sends what he uploaded."""
    theirs = put(one_house, "a.pdf", flows.PDF, by="giang.specialist")
    _enter_as_is(one_house, {**flows.APPLICATION, "TP01": [theirs]})


def test_a_paper_somebody_else_uploaded_cannot_be_named_in_mine(one_house: House) -> None:
    theirs = put(one_house, "a.pdf", flows.PDF, by="oanh.reception", agency="sgtvt")
    values = {**flows.APPLICATION, "TP01": [theirs]}
    with pytest.raises(InvalidInput, match="không còn"):
        _enter_as_is(one_house, values)


@pytest.mark.parametrize("change", [{"id": "khong-co"}, {"sha256": "0" * 64}])
def test_a_reference_that_was_tampered_with_is_refused(
    one_house: House, change: dict[str, str]
) -> None:
    mine = put(one_house, "a.pdf", flows.PDF)
    with pytest.raises(InvalidInput):
        _enter_as_is(one_house, {**flows.APPLICATION, "TP01": [{**mine, **change}]})


def _enter_as_is(house: House, values: dict[str, Any]) -> None:
    """Enter a case with the reference to TP01 exactly as given."""
    given = {**values, "TP02": [put(house, "b.pdf", flows.PDF)]}
    with house.open_work() as work:
        service = work.services.of_procedure("P04", "stttt")
        assert service is not None
        cases.enter(work, actor(work, "chi.reception"), service.id, given)
