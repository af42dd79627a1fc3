#!/usr/bin/env python
"""Start the service: everything in one process, or one part of it.

run.py            web, worker and clock together; in demo mode also the sandbox servers
run.py web        pages and API only
run.py worker     jobs, timers and clocks only
run.py cli …      what an operator types; `run.py cli --help` lists it
"""

import os
import sys

from app import cli, serving
from app.settings import SettingsError, read


def main(arguments: list[str]) -> int:
    try:
        return start(arguments)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def start(arguments: list[str]) -> int:
    settings = read(os.environ)
    match arguments:
        case ["cli", *rest]:
            return cli.main(settings, rest)
        case [] | ["web"] | ["worker"]:
            return serving.serve(settings, arguments[0] if arguments else "all")
        case _:
            sys.stderr.write(__doc__ or "")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
