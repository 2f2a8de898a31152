"""The site: `make docs` builds it from this folder, every warning an error. No page loads anything from elsewhere."""

from __future__ import annotations

import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import attnstats
from attnstats.exceptions import AttnstatsWarning
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_gallery.scrapers import figure_rst

ROOT = Path(__file__).parents[1]

project = "attnstats"
author = "The attnstats developers"
version = release = attnstats.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "myst_parser",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
# Sources of sphinx-gallery, which writes the pages of them into `auto`.
exclude_patterns = ["_templates", "gallery", "tutorials", "choosing", "paper"]
# Tables that pages link to are in no table of contents. The functions below cannot be cached: all is built each time.
suppress_warnings = ["toc.not_included", "config.cache"]

html_theme = "furo"
html_title = "attnstats"
html_show_sphinx = html_show_copyright = False
html_copy_source = False

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4

autodoc_typehints = "none"  # numpydoc's sections say what each argument is, in words
autosummary_ignore_module_all = False
autosummary_imported_members = True
numpydoc_show_class_members = False


def a_warning_of_ours_is_an_error(_conf: dict[str, Any], _script: str) -> None:
    """An example that is warned of shows what nobody should copy."""
    warnings.filterwarnings("error", category=AttnstatsWarning)


def figures_of_the_report(
    _block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]
) -> str:
    """Show what `attnstats.report` draws: figures that pyplot does not keep, named `figure` by the examples."""
    figure = block_vars["example_globals"].pop("figure", None)
    if figure is None:
        return ""
    path = next(block_vars["image_path_iterator"])
    figure.savefig(path, dpi=100, bbox_inches="tight")
    return figure_rst([path], gallery_conf["src_dir"])


sphinx_gallery_conf = {
    "examples_dirs": ["tutorials", "choosing", "gallery"],
    "gallery_dirs": ["auto/tutorials", "auto/choosing", "auto/gallery"],
    "subsection_order": [f"gallery/{room}" for room in (
        "information", "columns_and_time", "ranks", "resampling", "comparison", "attention",
        "pitfalls",
    )],
    "within_subsection_order": "FileNameSortKey",
    "reset_modules": ("matplotlib", a_warning_of_ours_is_an_error),
    "image_scrapers": ("matplotlib", figures_of_the_report),
    "min_reported_time": 5,
    "show_signature": False,
    "write_computation_times": False,
    "plot_gallery": True,
}  # fmt: skip


def every_public_name_is_reachable(app: Sphinx, exception: Exception | None) -> None:
    """Every name that a room exports stands on the page of the room, and every name of the package in a room."""
    if exception is not None:
        return
    described = {name for name, *_ in app.env.domains.python_domain.get_objects()}
    rooms = [
        word
        for word in (Path(app.srcdir) / "api" / "index.rst").read_text().split()
        if word.startswith("attnstats.")
    ]
    exported = {f"{room}.{name}" for room in rooms for name in import_module(room).__all__}
    missing = exported - described
    missing |= set(attnstats.__all__) - {name.rpartition(".")[2] for name in exported}
    if missing or not exported:
        raise ExtensionError(f"the API has no entry for {', '.join(sorted(missing))}")


class FilesWithoutAPage(SphinxPostTransform):
    """A link to a file or folder of the repository that the site has no page of keeps its words and loses its link."""

    default_priority = 8  # MyST resolves links at 9

    def run(self, **kwargs: Any) -> None:  # noqa: ARG002
        """Look at the links that are left, in this page and in what it includes."""
        for link in list(self.document.findall(pending_xref)):
            target = link["reftarget"].partition("#")[0]
            folders = (ROOT, Path(self.env.doc2path(self.env.docname)).parent)
            if (
                link["reftype"] == "myst"
                and target
                and any((folder / target).exists() for folder in folders)
            ):
                link.replace_self(link.children)


def setup(app: Sphinx) -> None:
    """Add what is done for links and checked at the end."""
    app.add_post_transform(FilesWithoutAPage)
    app.connect("build-finished", every_public_name_is_reachable)
