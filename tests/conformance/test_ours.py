"""Our own small recordings, derived from Camunda's documentation and rules: all of them, to the last level."""

from pathlib import Path

import pytest

from tests.conformance.__main__ import players, quiet, report
from tests.conformance.player import Result

OURS = Path(__file__).with_name("ours")


@pytest.mark.parametrize("memory", [True, False], ids=["memory", "tables"])
def test_our_own_recordings_agree(memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    played: list[Result] = []
    with quiet(), players(OURS / "models", memory=memory) as make:
        for _line in report(OURS / "scenarios.jsonl", make, played):
            pass
    assert len(played) > 50
    assert [(one.id, one.level, one.difference) for one in played if one.level < 4] == []
