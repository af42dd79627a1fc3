"""People at work over the API, who lose the connection now and then and simply try again.

Every step looks first at what is there: so doing it again after an answer that never came is
harmless, without the driver having to remember anything.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from app import demo
from tests.scenarios import flows

PATIENCE = 10.0  # seconds for one request
ADMIN = "viet.admin"
ANALYST = "lan.analyst"
DESK = "chi.reception"
AT_ONCE = 4  # cases under way

# Who does each step of both flows, and with what.
STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "formal_check": ("an.appraiser", {"formal_ok": "yes"}),
    "appraise_content": ("an.appraiser", {"content_ok": "yes"}),
    "appraise_flow": ("an.appraiser", {"flow_ok": "yes"}),
    "conclude": ("binh.leader", dict(flows.APPROVAL)),
    "prepare": (ANALYST, {"ready": "yes"}),
    "publish": ("binh.leader", {"publish_confirmed": True}),
    "receive": (DESK, {"decision": "accept"}),
    "assign": ("dung.head", {"specialist": "giang.specialist"}),
    "assess": (
        "giang.specialist",
        {"findings": "Đủ.", "proposal": "approve", "draft_result": "Dự thảo."},
    ),
    "review": ("dung.head", {"review_outcome": "ok"}),
    "sign": (
        "binh.leader",
        {"signature_outcome": "sign", "result_number": "35", "result_date": "16/11/2026"},
    ),
    "stamp": ("khanh.clerk", {"register_number": "35", "register_date": "16/11/2026"}),
    "hand_over": (DESK, {"fee_paid": True, "handover_receiver": "Nguyễn Văn Hòa"}),
}

DOCUMENTS: dict[str, Any] = {
    "level": "level_4",
    "document_number": "88/HĐ-CHAOS",
    "document_date": "2026-11-16",
    "announcement_number": "188/QĐ-UBND",
    "announcement_date": "2026-10-01",
    "process_approval_number": "288/QĐ-UBND",
    "process_approval_date": "2026-10-10",
}


class Interrupted(Exception):
    """No answer, or one that says: later. Nobody knows whether it was done."""


class Unexpected(Exception):
    """An answer that no interruption explains."""


def without_papers(form: bytes) -> bytes:
    """The application form without its file fields: the API takes no uploads."""
    content = json.loads(form)

    def kept(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**part, "components": kept(part["components"])} if "components" in part else part
            for part in components
            if part.get("type") != "filepicker"
        ]

    return json.dumps({**content, "components": kept(content["components"])}).encode()


@dataclass
class Driver:
    """`enough` is set when no new case is wanted; `cases` are the codes that were answered."""

    address: str
    files: dict[str, bytes]
    enough: threading.Event = field(default_factory=threading.Event)
    tokens: dict[str, str] = field(default_factory=dict)
    registration: str = ""  # code
    cases: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    interruptions: int = 0
    fault: BaseException | None = None

    def run(self) -> None:
        """Work until it is enough; what is under way then is left to whoever comes after."""
        try:
            while not self.enough.is_set():
                try:
                    self._once()
                except Interrupted:
                    self.interruptions += 1
                    time.sleep(0.1)
        except BaseException as error:  # noqa: BLE001 - told to the test, which runs elsewhere
            self.fault = error

    def _once(self) -> None:
        if not self._published():
            return
        under_way = [code for code in self.cases if code not in self.closed]
        if len(under_way) < AT_ONCE:
            self._enter(f"Khách hàng số {len(self.cases) + 1:03d}")
        for code in under_way:
            if not self._step(code):
                self.closed.add(code)

    # --- the registration ---

    def _published(self) -> bool:
        """Move the registration on by what is next; True when it is published."""
        mine = [
            item
            for item in self._get(ANALYST, "/registrations", size=100)["items"]
            if item["procedure_id"] == "P04" and item["document_number"] in {"", "88/HĐ-CHAOS"}
        ]
        if not mine:
            self._post(ANALYST, "/registrations", agency_id="stttt", procedure_id="P04")
            return False
        [made] = mine
        self.registration = made["code"]
        if made["state"] == "draft":
            self._fill_in(made)
        elif made["state"] != "published":
            self._step(made["code"])
        return bool(made["state"] == "published")

    def _fill_in(self, made: dict[str, Any]) -> None:
        where = f"/registrations/{made['id']}"
        for name, content in self.files.items():
            self._ask(ANALYST, "PUT", f"{where}/files/{name}", data=content)
        now = self._get(ANALYST, where)
        edit = {**DOCUMENTS, "version": now["version"], "procedure_data": now["procedure_data"]}
        self._ask(ANALYST, "PUT", where, json=edit)
        self._ask(ANALYST, "POST", f"{where}/submission")

    # --- cases ---

    def _enter(self, owner: str) -> None:
        found = self._get(DESK, "/cases", search=owner)["items"]
        if not found:
            services = self._get(DESK, "/services", size=100)["items"]
            [service] = [s for s in services if s["procedure_id"] == "P04"]
            values = {
                key: value
                for key, value in flows.APPLICATION.items()
                if key not in {"TP01", "TP02"}
            }
            values["owner_name"] = owner
            found = [self._post(DESK, "/cases", service_id=service["id"], values=values)]
        self.cases.append(found[0]["code"])

    def _step(self, code: str) -> bool:
        """Do what is open for this code; False when its instance has ended."""
        instances = self._get(ADMIN, "/process-instances", search=code)["items"]
        running = [one for one in instances if one["state"] == "active"]
        if not running:
            return False
        at = self._get(ADMIN, f"/process-instances/{running[0]['id']}")["active_elements"]
        for element in at:
            if element in STEPS:
                self._complete(code, element)
        return True

    def _complete(self, code: str, element: str) -> None:
        username, values = STEPS[element]
        for queue in ("mine", "unassigned"):
            tasks = self._get(username, "/user-tasks", queue=queue, search=code)["items"]
            for task in tasks:
                if task["element"] == element and task["case_code"] == code:
                    self._post(username, f"/user-tasks/{task['id']}/completion", values=values)
                    return

    # --- one request ---

    def _get(self, username: str, path: str, **query: Any) -> dict[str, Any]:
        return self._ask(username, "GET", path, params=query)

    def _post(self, username: str, path: str, **body: Any) -> dict[str, Any]:
        return self._ask(username, "POST", path, json=body)

    def _ask(self, username: str, method: str, path: str, **options: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token(username)}"}
        answer = self._send(method, path, headers=headers, **options)
        if answer.status_code in {409, 503}:  # done before we were cut off, or busy: look again
            raise Interrupted
        if not answer.ok:
            raise Unexpected(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        content: dict[str, Any] = answer.json()
        return content

    def _token(self, username: str) -> str:
        if username not in self.tokens:
            credentials = {"username": username, "password": demo.PASSWORD}
            answer = self._send("POST", "/sessions", json=credentials)
            if answer.status_code == 503:
                raise Interrupted
            self.tokens[username] = answer.json()["token"]
        return self.tokens[username]

    def _send(self, method: str, path: str, **options: Any) -> requests.Response:
        try:
            return requests.request(
                method, f"{self.address}/api/v1{path}", timeout=PATIENCE, **options
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Interrupted from error
        except requests.exceptions.ChunkedEncodingError as error:
            raise Interrupted from error
