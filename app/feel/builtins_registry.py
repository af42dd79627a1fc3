"""All built-in functions: importing their modules declares them."""

from app.feel import (
    builtins_context,
    builtins_conversion,
    builtins_date,
    builtins_list,
    builtins_number,
    builtins_range,
    builtins_text,
    signatures,
)

ROOMS = (
    builtins_context,
    builtins_conversion,
    builtins_date,
    builtins_list,
    builtins_number,
    builtins_range,
    builtins_text,
)
"""Where the functions of each kind of value live."""
BUILTINS = signatures.BUILTINS
"""Every function that may be called without being defined."""
