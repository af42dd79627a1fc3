"""Bounds that keep every expression small in time and memory, whatever it says."""

MAX_SOURCE = 20_000
"""Characters of one expression."""
MAX_NODES = 3_000
"""Parts of one expression after parsing."""
MAX_NESTING = 50
"""Brackets and keywords inside each other."""
MAX_DEPTH = 100
"""Height of the tree, long operator chains included."""
MAX_TEXT = 100_000
"""Characters of one string value."""
MAX_ITEMS = 100_000
"""Items of one list."""
MAX_STEPS = 1_000_000
"""Parts evaluated by one evaluation; about half a second."""
MAX_CALLS = 80
"""User-defined functions waiting for each other."""
MAX_PATTERN = 500
"""Characters of one regular expression."""
PRECISION = 34
"""Significant digits of a number, as IEEE 754 decimal128 (DMN 1.4, 10.3.2.3.1)."""
MAX_EXPONENT = 6144
"""Largest power of ten of a number, as decimal128."""
MAX_INTEGER = 10**PRECISION
"""Beyond this an integer is rounded to `PRECISION` digits."""
CACHED = 4096
"""Compiled expressions kept."""
