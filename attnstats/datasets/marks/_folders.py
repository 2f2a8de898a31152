"""The files of a folder or of an archive, in which one data set lies."""

from __future__ import annotations

import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from attnstats.datasets.marks._records import content_of
from attnstats.exceptions import DatasetError

#: How the name of an archive ends.
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")


class _Folder(Mapping[str, bytes]):
    """The files of a folder by their path inside it, in its order, each read when it is asked for."""

    def __init__(self, path: Path) -> None:
        found = {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}
        self._paths = {name: found[name] for name in sorted(found) if _is_own(name)}

    def __getitem__(self, name: str) -> bytes:
        return content_of(self._paths[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


def files_of(path: Path) -> Mapping[str, bytes]:
    """Return the files of a folder or of an archive, by their path inside it, in the order of the paths.

    A folder in which nothing but an archive lies is that archive. Nothing is unpacked, and what macOS puts beside each
    file (``._name``) is no file.
    """
    if path.is_dir():
        inside = [each for each in path.iterdir() if not each.name.startswith(".")]
        return files_of(inside[0]) if len(inside) == 1 and _is_archive(inside[0]) else _Folder(path)
    files = _of_zip(path) if zipfile.is_zipfile(path) else _of_tar(path)
    return {name: files[name] for name in sorted(files) if _is_own(name)}


def _is_archive(path: Path) -> bool:
    """Whether a file has the name of an archive."""
    return path.is_file() and path.name.lower().endswith(_ARCHIVES)


def _is_own(name: str) -> bool:
    """Whether a file belongs to the data, and was not put beside it by macOS."""
    return not name.rpartition("/")[2].startswith("._")


def one_folder(files: Mapping[str, bytes], names: Collection[str], path: Path) -> str:
    """Return the path, in a folder or an archive, of the one folder in which files of some names lie."""
    tops = {file.removesuffix(each) for file in files for each in names if f"/{file}".endswith(f"/{each}")}
    if len(tops) == 1:
        return tops.pop()
    wanted = f"{path}: must be the folder in which {', '.join(names)} lie, or an archive of it"
    if tops:
        found = sorted(tops)
        raise DatasetError(
            f"{wanted}; got {len(tops)} such folders, {', '.join(found)}: give one, as {path / found[0]}"
        )
    if archives := sorted(each.name for each in path.iterdir() if _is_archive(each)) if path.is_dir() else []:
        raise DatasetError(f"{wanted}; got a folder of {', '.join(archives)}: give one, as {path / archives[0]}")
    if any((path.parent / name).is_file() for name in names):
        raise DatasetError(f"{wanted}; got what lies in it: give {path.parent}")
    found = list(files)[:3]
    held = f"{', '.join(found)}{' and others' if len(files) > len(found) else ''}" if found else "no file"
    raise DatasetError(f"{wanted}; it holds {held}")


def _of_zip(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            return {each.filename: archive.read(each) for each in archive.infolist() if not each.is_dir()}
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise DatasetError(f"{path.name}: cannot be read to its end: {' '.join(str(error).split())}") from error


def _of_tar(path: Path) -> dict[str, bytes]:
    opened = False
    try:
        with tarfile.open(path) as archive:
            opened = True
            members = {each.name: archive.extractfile(each) for each in archive.getmembers() if each.isfile()}
            return {name: file.read() for name, file in members.items() if file is not None}
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        if isinstance(error, tarfile.ReadError) and not opened:  # it names each compression that was tried
            kinds = ".tar, .tar.gz or .zip"
            raise DatasetError(
                f"{path.name}: must be a folder or an archive, {kinds}; got a file that is none"
            ) from error
        raise DatasetError(f"{path.name}: cannot be read to its end: {' '.join(str(error).split())}") from error
