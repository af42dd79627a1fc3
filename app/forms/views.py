"""What a page needs to draw a form: a tree of plain, frozen objects.

Every node has `kind`, `id`, `columns` (1 to 16, or None), `hidden` and `depends_on`: the names
whose change may alter it. Texts are plain text, for the template to escape.
"""

from dataclasses import dataclass, field

from app.forms.markdown import Node


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What every node has."""

    kind: str
    id: str = ""
    columns: int | None = None
    hidden: bool = False
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowView:
    """Nodes that stand beside each other."""

    cells: tuple[View, ...]


@dataclass(frozen=True, slots=True)
class OptionView:
    """One thing to choose; `value` is what the page sends."""

    id: str
    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class FileView:
    """One stored file."""

    id: str
    name: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldView(View):
    """A field.

    `kind`: text, textarea, number, date, time, datetime, checkbox, radio, checklist, select,
    taglist, files. `value` is what the input holds, `shown` what a reader sees.
    """

    path: str
    """Name of the input, and path of its errors."""
    label: str
    hint: str = ""
    value: str = ""
    shown: str = ""
    errors: tuple[str, ...] = ()
    required: bool = False
    optional: bool = False
    """To be marked as optional: neither required nor fixed."""
    fixed: bool = False
    """Shown, but not for this person to change."""
    options: tuple[OptionView, ...] = ()
    inline: bool = False
    checked: bool = False
    prefix: str = ""
    suffix: str = ""
    input_mode: str = ""
    input_type: str = "text"
    autocomplete: str = ""
    max_length: int | None = None
    files: tuple[FileView, ...] = ()
    accept: str = ""
    limit: str = ""
    """What a person has to know before choosing a file: "PDF, JPG, PNG; tối đa 10 MB"."""
    max_bytes: int | None = None
    several: bool = False

    @property
    def target(self) -> str:
        """The id an error leads to: the input, or the first of several."""
        is_set = self.kind in {"radio", "checklist", "taglist"} and not self.fixed
        return self.options[0].id if is_set and self.options else self.id

    @property
    def hint_id(self) -> str:
        """Id of the hint's element."""
        return f"{self.id}--hint"

    @property
    def error_id(self) -> str:
        """Id of the errors' element."""
        return f"{self.id}--err"

    @property
    def limit_id(self) -> str:
        """Id of the element that tells the limits of files."""
        return f"{self.id}--limit"

    @property
    def described_by(self) -> str:
        """The ids that describe the input, in the order they are read."""
        parts = (
            (self.hint, self.hint_id),
            (self.limit, self.limit_id),
            (self.errors, self.error_id),
        )
        return " ".join(id_ for there, id_ in parts if there)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupView(View):
    """Fields under one heading."""

    label: str
    outline: bool = True
    rows: tuple[RowView, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemView:
    """One row of a list."""

    id: str
    path: str
    label: str
    number: int
    rows: tuple[RowView, ...]
    remove: str
    """Name of the button that removes it, or "" where it may not be removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView(View):
    """The same fields several times."""

    path: str
    label: str
    errors: tuple[str, ...] = ()
    items: tuple[ItemView, ...] = ()
    add: str = ""
    """Name of the button that adds a row, or ""."""
    add_label: str = ""
    outline: bool = True

    @property
    def error_id(self) -> str:
        """Id of the errors' element."""
        return f"{self.id}--err"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextView(View):
    """Formatted text."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageView(View):
    """A picture; `source` is safe to use, or "" where it is not."""

    source: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView(View):
    """Rows to read."""

    label: str
    heads: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ButtonView(View):
    """A button of the form itself."""

    label: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpacerView(View):
    """Empty space: small, medium or large."""

    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsView(View):
    """Files to read."""

    label: str
    files: tuple[FileView, ...] = ()


@dataclass(frozen=True, slots=True)
class ErrorView:
    """One line of the error summary; `target` is the id to go to, or ""."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class FormView:
    """The whole form."""

    rows: tuple[RowView, ...]
    errors: tuple[ErrorView, ...] = ()
    read_only: bool = False
    depends_on: tuple[str, ...] = field(default=())
    """Names of fields whose change may alter something; empty: no need to fetch again."""
