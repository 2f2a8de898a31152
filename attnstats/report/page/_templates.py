"""The templates of the pages, and how text is set in them. Jinja escapes every value."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from attnstats.exceptions import require

if TYPE_CHECKING:
    from markupsafe import Markup

#: Spaces at which no line breaks: in spreads, intervals, shares and p-values.
_TIGHT = re.compile(
    r"(?<=±) |(?<=\d,) (?=[−.\d]+\])|(?<=\d) (?=%)|(?<=%) (?=CI)|(?<=\bp) (?=[=<>])|(?<=p [=<>]) (?=\.)"
)


def fill_template(name: str, **values: Any) -> str:
    """Return a template of the report with its values.

    The page lets no script run but its own, which is named by its hash, and loads nothing.
    """
    require("jinja2", "report")
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    loader = PackageLoader("attnstats.report", "")
    options: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    environment = Environment(loader=loader, autoescape=True, **options)
    environment.filters["typeset"] = _typeset
    script = environment.get_template("page.js").render()
    script_hash = b64encode(sha256(script.encode()).digest()).decode()
    return environment.get_template(name).render(script=Markup(script), script_hash=script_hash, **values)


def _typeset(text: str) -> Markup:
    """Return text escaped, with minus signs before digits, breaks allowed after _ and none where a line must hold."""
    from markupsafe import Markup, escape

    text = re.sub(r"(?<![\w.\]-])-(?=\.?\d)", "−", text)
    text = _TIGHT.sub("\N{NO-BREAK SPACE}", text)
    return escape(text).replace("_", Markup("_<wbr>"))
