"""Sign in and out. Only a hash of the session's token is kept; failures are counted in the database."""

import hashlib
from datetime import datetime, timedelta

from app.domain.errors import TooManyAttempts, Unauthenticated
from app.domain.people import Binding, LoginAttempts, Session, User
from app.domain.permissions import Actor
from app.usecases.ports import OpenWork, Work

FREE_FAILURES = 5
LOCK = timedelta(minutes=1)
LONGEST_LOCK = timedelta(minutes=30)
SEEN_EVERY = timedelta(minutes=1)
TOKEN_LENGTH = 48
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(
    work: Work, username: str, password: str, *, address: str, user_agent: str
) -> str | None:
    """Return a session token, or None where the credentials are wrong.

    A wrong pair is counted per account and per address; the caller commits either way and then
    says so. Raises TooManyAttempts while the account or the address is locked.
    """
    keys = (f"user:{username.casefold()}", f"addr:{address}")
    for key in keys:
        _require_unlocked(work.sessions.attempts(key), work.now())
    user = work.users.by_username(username)
    stored = user.password_hash if user and user.active else ""
    if not work.passwords.verify(stored, password) or user is None:
        for key in keys:
            _count(work, key)
        return None
    for key in keys:
        work.sessions.forget_attempts(key)
    token = work.new_secret(TOKEN_LENGTH)
    now = work.now()
    work.sessions.add(Session(hash_token(token), user.id, now, now, user_agent[:200]))
    return token


def _require_unlocked(attempts: LoginAttempts | None, now: datetime) -> None:
    if attempts is None or attempts.failures < FREE_FAILURES:
        return
    lock = min(LONGEST_LOCK, LOCK * 2 ** min(attempts.failures - FREE_FAILURES, 10))
    left = attempts.last_at + lock - now
    if left > timedelta():
        minutes = -(-int(left.total_seconds()) // 60)
        raise TooManyAttempts(f"Đăng nhập sai quá nhiều lần. Hãy thử lại sau {minutes} phút.")


def _count(work: Work, key: str) -> None:
    known = work.sessions.attempts(key)
    failures = known.failures + 1 if known else 1
    work.sessions.keep_attempts(LoginAttempts(key, failures, work.now()))


def sign_out(work: Work, token: str) -> None:
    work.sessions.remove(hash_token(token))


def recognise(open_work: OpenWork, token: str) -> Actor:
    """As `actor_of`, and note from time to time that the session is in use."""
    with open_work(read_only=True) as work:
        found = actor_of(work, token)
        worn = stale(work, token)
    if worn:
        with open_work() as work:
            touch(work, token)
    return found


def actor_of(work: Work, token: str) -> Actor:
    """Return who holds this session. Raises Unauthenticated when it is gone or has gone stale."""
    session = work.sessions.find(hash_token(token))
    if session is None or not session.live(work.now()):
        raise Unauthenticated("Phiên làm việc đã hết. Hãy đăng nhập lại.")
    user = work.users.get(session.user_id)
    if not user.active:
        raise Unauthenticated("Tài khoản đã bị khóa. Hãy liên hệ quản trị hệ thống.")
    return as_actor(work, user)


def stale(work: Work, token: str) -> bool:
    """Say whether `touch` is due: not more than once a minute, to keep reads free of writes."""
    session = work.sessions.find(hash_token(token))
    return session is not None and work.now() - session.seen_at >= SEEN_EVERY


def touch(work: Work, token: str) -> None:
    session = work.sessions.find(hash_token(token))
    if session is not None:
        session.seen_at = work.now()


def as_actor(work: Work, user: User) -> Actor:
    parts = {}
    for binding in user.bindings:
        part = work.agencies.get(binding.agency_id).part
        if part is not None:
            parts[binding.agency_id] = part
    return Actor(
        id=user.id,
        name=user.full_name,
        username=user.username,
        tenant_id=user.tenant_id,
        bindings=tuple(Binding(b.agency_id, b.role, b.unit) for b in user.bindings),
        parts=parts,
    )
