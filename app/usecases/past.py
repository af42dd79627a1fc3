"""Any past state of an instance, replayed from its history: one row for each step.

A replay begins at the nearest checkpoint: what it knew after every two-hundredth entry is put
away, by the queue, once that entry is written. Checkpoints are made from history alone and may be
thrown away at any time; without one, a replay begins further back.
"""

from collections.abc import Iterator

from app.domain.errors import NotFound
from app.domain.instances import ProcessInstance
from app.usecases.chronicle import CHECKPOINT_EVERY
from app.usecases.ports import OpenWork, Work
from app.usecases.replay import PastState, Replay

PIECE = 200  # rows read at a time


def state_at(work: Work, instance: ProcessInstance, seq: int) -> PastState:
    """What the instance was right after the entry `seq` of its history.

    Raises NotFound where there is no such entry.
    """
    *_, state = states_at(work, instance, seq)
    return state


def states_at(work: Work, instance: ProcessInstance, seq: int) -> tuple[PastState, ...]:
    """What the instance was after the entry before `seq`, if there is one, and after `seq`.

    Raises NotFound where there is no such entry.
    """
    if not 1 <= seq <= instance.history_seq:
        raise NotFound("Nhật ký không có mục này.")
    return tuple(_film(work, instance.id, _replay(work, instance.id, seq - 2), seq, seq - 2))


def _film(
    work: Work, instance_id: str, replay: Replay, until: int, shown: int
) -> Iterator[PastState]:
    """Move on to the entry `until`; the states after each entry past `shown`."""
    while replay.seq < until:
        size = min(PIECE, until - replay.seq)
        entries = work.instances.history(instance_id, limit=size, before=replay.seq + size + 1)
        if [entry.seq for entry in entries] != list(range(replay.seq + 1, replay.seq + size + 1)):
            raise NotFound("Nhật ký của quy trình này không còn đủ để dựng lại.")
        for entry in entries:
            replay.play(entry)
            if entry.seq > shown:
                yield replay.after(entry)


def _replay(work: Work, instance_id: str, until: int) -> Replay:
    """The nearest checkpoint that is not past `until`, to go on from."""
    kept = work.instances.checkpoint(instance_id, until)
    return Replay.of(*kept) if kept is not None else Replay()


def definition_at(work: Work, instance: ProcessInstance, seq: int) -> str:
    """By which definition the instance ran after the entry `seq`."""
    moves = work.instances.history(instance.id, kinds=["migrate"])
    later = [entry for entry in moves if entry.seq > seq and "called" not in entry.data]
    return str(later[0].data["from"]["id"]) if later else instance.definition_id


def keep_checkpoint(open_work: OpenWork, instance_id: str, seq: int) -> None:
    """Put away the replay after the entry `seq`, and those before it that are missing.

    Harmless when it is done again: history up to `seq` never changes, and neither does a checkpoint.
    """
    with open_work() as work:
        replay = _replay(work, instance_id, seq)
        while replay.seq < seq:
            following = min(seq, replay.seq - replay.seq % CHECKPOINT_EVERY + CHECKPOINT_EVERY)
            for _ in _film(work, instance_id, replay, following, following):
                pass
            work.instances.keep_checkpoint(instance_id, replay.seq, replay.kept())
