"""Uploaded documents: what a browser may do with them, and who gets them."""

from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest

from tests.service import House
from tests.web import sample
from tests.web.conftest import Browser

PDF = b"%PDF-1.7 paper"


def sent(content: bytes, name: str) -> dict[str, Any]:
    """A multipart body made by hand: the test client would leave a large one's file open."""
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + b"\r\n--edge--\r\n"
    return {"data": body, "content_type": "multipart/form-data; boundary=edge"}


def upload(browser: Browser, content: bytes = PDF, name: str = "đơn.pdf") -> dict[str, object]:
    answer = browser.client.post("/papers", data={"file": (BytesIO(content), name)})
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def test_a_document_leaves_as_an_attachment_that_no_browser_runs(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    reference = upload(clerk)
    assert reference["size"] == len(PDF)
    answer = clerk.client.get(f"/papers/{reference['id']}")
    assert answer.data == PDF
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert quote("đơn.pdf") in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Content-Type"] == "application/pdf"


def test_an_upload_is_nobody_elses_before_it_is_part_of_a_dossier(desk: House) -> None:
    reference = upload(Browser(desk, sample.CLERK))
    for other in (sample.LEADER, "viet.admin", "oanh.reception"):
        Browser(desk, other).get(f"/papers/{reference['id']}", status=404)
    Browser(desk, None).get(f"/papers/{reference['id']}", status=303)


def test_papers_of_a_case_are_for_its_agency(desk: House) -> None:
    reference = upload(Browser(desk, sample.CLERK))
    sample.a_case(desk, attachments=[reference])
    assert Browser(desk, sample.LEADER).get(f"/papers/{reference['id']}")
    Browser(desk, "oanh.reception").get(f"/papers/{reference['id']}", status=404)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"<script>alert(1)</script>", "trang.html", "Chỉ nhận tệp PDF"),
        (b"<script>alert(1)</script>", "anh.png", "Nội dung tệp không phải là PNG"),
        (b"", "don.pdf", "Tệp rỗng"),
        (PDF + b"0" * (10 * 1024 * 1024), "don.pdf", "Tệp lớn hơn 10 MB"),
        (PDF, "", "Hãy chọn tệp"),
    ],
)
def test_what_cannot_be_a_document_is_refused(
    desk: House, content: bytes, name: str, sentence: str
) -> None:
    clerk = Browser(desk, sample.CLERK)
    answer = clerk.client.post("/papers", **sent(content, name))
    assert answer.status_code == 422
    assert sentence in answer.get_json()["message"]


def test_a_path_in_the_name_is_dropped(desk: House) -> None:
    reference = upload(Browser(desk, sample.CLERK), name="../../etc/passwd.pdf")
    assert reference["name"] == "passwd.pdf"


def test_whoever_belongs_to_no_agency_uploads_nothing(desk: House) -> None:
    browser = Browser(desk, sample.CLERK)
    with desk.open_work() as work:
        user = work.users.by_username(sample.CLERK)
        assert user is not None
        user.bindings.clear()
    answer = browser.client.post("/papers", data={"file": (BytesIO(PDF), "a.pdf")})
    assert answer.status_code == 403


def test_a_request_that_is_too_large_is_told_how_much_goes(desk: House) -> None:
    clerk = Browser(desk, sample.CLERK)
    answer = clerk.client.post("/papers", **sent(b"0" * (26 * 1024 * 1024), "a.pdf"))
    assert answer.status_code == 413
    assert "Mỗi lần gửi tối đa 25 MB" in answer.text
