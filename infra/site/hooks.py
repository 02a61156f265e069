"""What MkDocs calls while it builds the site: links to files that are not part of it become their paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s]*)(?:#[^)\s]*)?\)")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Return a page's Markdown with links that leave the documentation as paths in the repository.

    Raises:
        FileNotFoundError: such a link leads nowhere.
    """
    folder = Path(page.file.abs_src_path).parent

    def path_of(found: re.Match[str]) -> str:
        target = (folder / found[2]).resolve()
        if not target.exists():
            raise FileNotFoundError(f"{page.file.src_uri}: {found[0]} leads nowhere")
        path = target.relative_to(ROOT).as_posix()
        return f"`{path}`" if found[1].strip("`") in {path, target.name} else f"{found[1]} (`{path}`)"

    return _OUTSIDE.sub(path_of, markdown)
