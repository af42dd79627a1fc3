"""Every setting of the service, read from the environment once (style.md, rule 12).

| variable | meaning | default |
| --- | --- | --- |
| LM_MODE | `production`, or `demo`: sandbox servers of the outside systems, sample province | production |
| DATABASE_URL | `sqlite:///…` (embedded) or `postgresql+psycopg://…` (any number of nodes) | a file in LM_DATA_DIR |
| LM_DATA_DIR | where the embedded database and the demo's secrets live | var |
| LM_HOST, LM_PORT | address to serve at | 127.0.0.1, 8000 |
| LM_PUBLIC_URL | how browsers reach the service; https makes cookies Secure | http://HOST:PORT |
| LM_SECRET_KEY | signs forms (CSRF); at least 32 characters | none: must be set in production |
| LM_TENANT | the province | tuyen-quang |
| LM_WORKER_THREADS | jobs at a time in one process | 4 |
| LM_WEB_THREADS | requests at a time in one process | 8 |
| LM_ONE_STOP_URL, LM_ONE_STOP_KEYS | the one-stop system: base URL; keys as `id:secret[,id:secret]`, the first one signs | none: its jobs become incidents |
| LM_POST_URL, LM_POST_KEYS, LM_POST_CUSTOMER | the public post: base URL, keys, customer code | none |
| LM_HOOK_KEYS | keys that sign what the outside systems send to us | none: every hook is refused |
| LM_ALLOWED_HOSTS | further hosts that connectors may call, by comma | those of the URLs above |
| LM_LOG | `json` or `console` | json |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


class SettingsError(Exception):
    """A setting is missing or makes no sense; the start stops with this sentence."""


class Mode(StrEnum):
    PRODUCTION = "production"
    DEMO = "demo"


Keys = tuple[tuple[str, str], ...]
KNOWN = {
    "LM_MODE",
    "LM_DATA_DIR",
    "LM_HOST",
    "LM_PORT",
    "LM_PUBLIC_URL",
    "LM_SECRET_KEY",
    "LM_TENANT",
    "LM_WORKER_THREADS",
    "LM_WEB_THREADS",
    "LM_ONE_STOP_URL",
    "LM_ONE_STOP_KEYS",
    "LM_POST_URL",
    "LM_POST_KEYS",
    "LM_POST_CUSTOMER",
    "LM_HOOK_KEYS",
    "LM_ALLOWED_HOSTS",
    "LM_LOG",
    "LM_DEMAND_ALL",  # read by the tests: what is missing fails instead of being left out
}
SECRET_LENGTH = 32


@dataclass(frozen=True)
class Settings:
    mode: Mode
    database_url: str
    data_dir: Path
    host: str
    port: int
    public_url: str
    secret_key: str = field(repr=False)
    tenant_id: str = "tuyen-quang"
    worker_threads: int = 4
    web_threads: int = 8
    one_stop_url: str = ""
    one_stop_keys: Keys = field(default=(), repr=False)
    post_url: str = ""
    post_keys: Keys = field(default=(), repr=False)
    post_customer: str = ""
    hook_keys: Keys = field(default=(), repr=False)
    allowed_hosts: tuple[str, ...] = ()
    log: str = "json"

    @property
    def secure(self) -> bool:
        """Whether browsers reach the service over TLS: cookies are then Secure."""
        return self.public_url.startswith("https://")


def read(environ: Mapping[str, str]) -> Settings:
    """Read the environment. Raises SettingsError with a sentence an operator can act on."""
    unknown = sorted(k for k in environ if k.startswith("LM_") and k not in KNOWN)
    if unknown:
        raise SettingsError(f"unknown setting: {', '.join(unknown)}")
    try:
        mode = Mode(environ.get("LM_MODE", Mode.PRODUCTION))
    except ValueError as error:
        raise SettingsError("LM_MODE must be production or demo") from error
    data_dir = Path(environ.get("LM_DATA_DIR", "var"))
    host = environ.get("LM_HOST", "127.0.0.1")
    port = _number(environ, "LM_PORT", 8000)
    secret_key = environ.get("LM_SECRET_KEY", "")
    if mode is Mode.PRODUCTION and len(secret_key) < SECRET_LENGTH:
        raise SettingsError(f"LM_SECRET_KEY must have at least {SECRET_LENGTH} characters")
    return Settings(
        mode=mode,
        database_url=environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'lien-mach.db'}",
        data_dir=data_dir,
        host=host,
        port=port,
        public_url=environ.get("LM_PUBLIC_URL", f"http://{host}:{port}").rstrip("/"),
        secret_key=secret_key,
        tenant_id=environ.get("LM_TENANT", "tuyen-quang"),
        worker_threads=_number(environ, "LM_WORKER_THREADS", 4),
        web_threads=_number(environ, "LM_WEB_THREADS", 8),
        one_stop_url=environ.get("LM_ONE_STOP_URL", "").rstrip("/"),
        one_stop_keys=_keys(environ, "LM_ONE_STOP_KEYS"),
        post_url=environ.get("LM_POST_URL", "").rstrip("/"),
        post_keys=_keys(environ, "LM_POST_KEYS"),
        post_customer=environ.get("LM_POST_CUSTOMER", ""),
        hook_keys=_keys(environ, "LM_HOOK_KEYS"),
        allowed_hosts=_words(environ, "LM_ALLOWED_HOSTS"),
        log=environ.get("LM_LOG", "json"),
    )


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, str(default))
    if not text.isdigit() or int(text) > 65_535:
        raise SettingsError(f"{name} must be a whole number")
    return int(text)


def _words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in environ.get(name, "").split(",") if word.strip())


def _keys(environ: Mapping[str, str], name: str) -> Keys:
    keys = []
    for pair in _words(environ, name):
        key_id, colon, secret = pair.partition(":")
        if not colon or not key_id or len(secret) < SECRET_LENGTH:
            raise SettingsError(
                f"{name} must be id:secret pairs, each secret at least {SECRET_LENGTH} characters"
            )
        keys.append((key_id, secret))
    return tuple(keys)
