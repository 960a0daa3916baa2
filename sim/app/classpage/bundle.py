"""Modules, styles and data as one HTML file that asks for nothing.

Owns: how the player's modules become one script, how data is written so that no name can end it,
and the page's content security policy. Never does: know what the page says.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

from sim.store.files import finite

STATIC = Path(__file__).resolve().parent.parent / "static"
OWN = Path(__file__).resolve().parent / "static"
ENTRY = "class.js"
STYLES = (STATIC / "page.css", STATIC / "player.css", OWN / "class.css")
_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+\.js)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const|let)\s+(\w+))", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b", re.MULTILINE)


def script(entry: str = ENTRY) -> str:
    """All modules that `entry` needs as one script, each in a function of its own.

    Raises:
        ValueError: A module imports or exports in a form that is not known here.
    """
    order: list[str] = []
    texts: dict[str, str] = {}

    def take(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"modules import each other: {' > '.join((*above, name))}")
        if name in texts:
            return
        path = OWN / name if (OWN / name).is_file() else STATIC / name
        text = path.read_text(encoding="utf-8")
        for found in _IMPORT.finditer(text):
            take(found[2], (*above, name))
        texts[name] = text
        order.append(name)

    take(entry, ())
    made = []
    for name in order:
        text = _IMPORT.sub(lambda m: f"const {{{m[1].replace(' as ', ': ')}}} = {_name(m[2])};\n",
                           texts[name])
        exported = _EXPORT.findall(text)
        text = _EXPORT.sub("", text)
        if _LEFT.search(text):
            raise ValueError(f"{name}: an import or export in a form that is not known")
        made.append(f"const {_name(name)} = (() => {{\n{text}\n"
                    f"return {{ {', '.join(exported)} }};\n}})();\n")
    return '"use strict";\n' + "".join(made).replace("</", "<\\/")


def _name(module: str) -> str:
    return "module_" + re.sub(r"\W", "_", module.removesuffix(".js"))


def style() -> str:
    """All styles."""
    return "\n".join(path.read_text(encoding="utf-8") for path in STYLES).replace("</", "<\\/")


def data(value: Any) -> str:
    """JSON in which no text can end the element around it, or the line."""
    text = json.dumps(finite(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def page(title: str, content: Any) -> str:
    """The file."""
    code, look = script(), style()
    policy = "; ".join([
        "default-src 'none'", f"script-src {_digest(code)}", f"style-src {_digest(look)}",
        "img-src data:", "base-uri 'none'", "form-action 'none'"])
    shell = (OWN / "shell.html").read_text(encoding="utf-8")
    parts = {"POLICY": html.escape(policy, quote=True), "TITLE": html.escape(title),
             "STYLE": look, "DATA": data(content), "SCRIPT": code}
    return re.sub(r"\{\{([A-Z]+)\}\}", lambda m: parts[m[1]], shell)


def _digest(text: str) -> str:
    """The content itself as the only one allowed."""
    made = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{made}'"
