"""The part of the documentation's site that mkdocs.yml cannot say; MkDocs imports it as a hook.

Pages stay where they are in the repository, also outside docs/, and are written once, for GitHub and ComfyUI. The hook
adds those pages and pictures to the site, and turns every link between them into the site's own. A link to anything
else in the repository becomes a link to its address there. A link that leads nowhere is left as it is, for MkDocs to
report.
"""

from __future__ import annotations

import functools
import posixpath
import re
from pathlib import Path
from urllib.parse import quote, unquote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

ROOT = Path(__file__).resolve().parent.parent
NODES_PAGE = "docs/nodes.md"
EDITOR_PAGE = "web/docs/DragNUWATrajectoryEditor.md"
FORMAT_PAGE = "format.md"
"""A page of the site alone: these sections of the Trajectory Editor's help page, which has a link in their place."""
FORMAT_SECTIONS = ("The format", "Other formats that are read")
FORMAT_TITLE = "The drawing's format"

PAGES = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "models/README.md": "small_model.md",
    "models/finding/README.md": "finding.md",
    "web/pictures/README.md": "example_pictures.md",
}
FOLDERS = {"docs/**/*.md": ("docs", ""), "web/docs/*.*": ("web/docs", "nodes/"), "assets/*": ("", ""),
           "workflows/**/*.jpg": ("", "")}  # fmt: skip
CODE = re.compile(r"(^ *```.*?^ *```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?:<([^>]+)>|([^)\s]+))\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """The addresses, which pyproject.toml has, and the nodes in the navigation."""
    config.repo_url = repository()
    owner, config.repo_name = config.repo_url.split("/")[-2:]
    config.site_url = f"https://{owner.lower()}.github.io/{config.repo_name}/"
    for section in config.nav:
        if pages := section.get("Nodes"):
            pages[1:1] = node_navigation((ROOT / NODES_PAGE).read_text("utf-8"))
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for source, name in site_paths().items():
        if files.get_file_from_path(name) is None:
            files.append(File.generated(config, name, abs_src_path=str(ROOT / source)))
    files.append(File.generated(config, FORMAT_PAGE, content=format_page((ROOT / EDITOR_PAGE).read_text("utf-8"))))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    name = page.file.src_uri
    paths = site_paths()
    source = EDITOR_PAGE if name == FORMAT_PAGE else next(path for path, found in paths.items() if found == name)
    page.edit_url = f"{config.repo_url}/edit/main/{source}"
    if name == paths[EDITOR_PAGE]:
        markdown = without_format(markdown, posixpath.relpath(FORMAT_PAGE, posixpath.dirname(name)))
    return with_site_links(markdown, source, name, paths, config.repo_url)


def repository() -> str:
    """The repository's address."""
    return re.search(r'^Repository = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1]


def site_paths() -> dict[str, str]:
    """Pages and pictures of the site, by their paths in the repository."""
    paths = {source: name for source, name in PAGES.items() if (ROOT / source).exists()}
    for pattern, (folder, prefix) in FOLDERS.items():
        for path in sorted(ROOT.glob(pattern)):
            source = path.relative_to(ROOT).as_posix()
            paths[source] = prefix + posixpath.relpath(source, folder or ".")
    return paths


def node_navigation(text: str) -> list[dict[str, list[str]]]:
    """The help pages under the headings of docs/nodes.md, whose tables link to them."""
    paths = site_paths()
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    sections = []
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        links = re.findall(r"^\| \[.+?\]\(\.\./(.+?)\)", body, re.MULTILINE)
        sections += [{title: [paths[link] for link in links]}] if links else []
    return sections


def with_site_links(text: str, source: str, name: str, paths: dict[str, str], address: str) -> str:
    """The text of the page `source` of the repository, with the links of the page `name` of the site."""

    def replaced(match: re.Match) -> str:
        link = site_link(unquote(match[1] or match[2]), source, name, paths, address)
        return f"](<{link}>)" if " " in link else f"]({link})"

    parts = CODE.split(text)  # code is every second one
    return "".join(part if index % 2 else LINK.sub(replaced, part) for index, part in enumerate(parts))


def site_link(link: str, source: str, name: str, paths: dict[str, str], address: str) -> str:
    path, mark, anchor = link.partition("#")
    in_repository = f"{address}/blob/main/"
    if path.startswith(in_repository):
        target = path.removeprefix(in_repository)
    elif not path or re.match(r"[a-z]+:", path):
        return link
    else:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
    if target == EDITOR_PAGE and (moved := format_anchors().get(anchor)) is not None:
        return posixpath.relpath(FORMAT_PAGE, posixpath.dirname(name)) + moved
    if target in paths:
        return posixpath.relpath(paths[target], posixpath.dirname(name)) + mark + anchor
    if target.startswith("..") or not (ROOT / target).exists():
        return link
    kind = "tree" if (ROOT / target).is_dir() else "blob"
    return f"{address}/{kind}/main/{quote(target)}{mark}{anchor}"


def format_page(text: str) -> str:
    """The page of the format, made of the sections of the editor's help page."""
    first, *others = (_section(text, title) for title in FORMAT_SECTIONS)
    raised = re.sub(r"^#(#+ )", r"\1", first, flags=re.MULTILINE)
    return "\n".join([raised.replace(f"# {FORMAT_SECTIONS[0]}\n", f"# {FORMAT_TITLE}\n", 1), *others])


@functools.cache
def format_anchors() -> dict[str, str]:
    """The anchors of the editor's help page that are on the page of the format, with what they are there."""
    text = (ROOT / EDITOR_PAGE).read_text("utf-8")
    titles = re.findall(r"^#+ (.+)$", "".join(_section(text, title) for title in FORMAT_SECTIONS), re.MULTILINE)
    anchors = {slug(title): f"#{slug(title)}" for title in titles}
    return anchors | {slug(FORMAT_SECTIONS[0]): ""}


def slug(title: str) -> str:
    """The anchor of a heading, as GitHub and the site have it."""
    return slugify(case="lower")(title, "-")


def without_format(text: str, link: str) -> str:
    """The editor's help page with a link in place of these sections."""
    for title in FORMAT_SECTIONS:
        text = text.replace(_section(text, title), f"## {title}\n\nSee [{FORMAT_TITLE.lower()}]({link}).\n\n")
    return text


def _section(text: str, title: str) -> str:
    """A section with its heading, down to the next of its level."""
    return re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[0]
