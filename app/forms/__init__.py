"""Forms in form-js JSON: read, checked, validated and drawn on the server."""

from app.forms.form import ParsedForm
from app.forms.outline import FieldInfo
from app.forms.room import FormRoom

__all__ = ["FieldInfo", "FormRoom", "ParsedForm"]
