"""Bounds that keep every form and every submission small, whoever wrote or sent it."""

MAX_BYTES = 256 * 1024
"""One form file."""
MAX_COMPONENTS = 500
"""Components of one form, nested ones included."""
MAX_DEPTH = 8
"""Groups and lists inside each other."""
MAX_OPTIONS = 1_000
"""Options of one choice, written out or computed."""
MAX_ROWS = 200
"""Rows of one list, whatever the form says."""
MAX_TABLE_ROWS = 500
"""Rows of one table that are shown."""
MAX_NAMES = 5_000
"""Names in one submission."""
MAX_LINE = 1_000
"""Characters of a text field that sets no limit of its own."""
MAX_TEXT = 20_000
"""Characters of a text area that sets no limit of its own, and of any computed text."""
LONGEST_TEXT = 100_000
"""Characters a form may allow at most."""
MAX_PATTERN = 500
"""Characters of one regular expression."""
MAX_FILES = 50
"""Files of one field."""
MAX_FILE_MB = 100
"""Megabytes of one file, at most."""
MAX_ROUNDS = 8
"""How often conditions and computed fields that depend on each other are evaluated."""
MAX_STEPS = 1_000_000
"""Steps of all expressions of one submission together; about half a second."""
SCHEMA_VERSIONS = range(1, 21)
"""Versions of the form-js schema whose meaning is known; the editor in use writes 19."""
