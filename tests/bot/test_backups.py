"""Backups: consistent while the bot writes, whole or not at all, checked before anything is restored."""

import asyncio
import gzip
import io
import sqlite3
import tarfile
import tomllib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.archive import MANIFEST
from bot.backups import back_up, public_settings, restore
from bot.errors import BackupError
from bot.learning import ensure_router
from bot.progress import Silence
from bot.settings import Settings, load_settings
from nlp.model_store import ModelStore
from nlp.training.configs import FusedConfig
from storage import migrate
from storage.copying import find_fault
from storage.database import Database
from storage.errors import DatabaseUnavailable, SchemaOutdated
from tests.support.apps import HANDBOOK_EN, HANDBOOK_ZH, add_text, private, small_app
from tests.support.models import BagEncoder
from tests.support.terminal import write_seeds


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a home folder of their own, in a folder without `dawen.toml`."""
    monkeypatch.chdir(tmp_path)
    return load_settings(home=tmp_path / "home", manual=False)


@pytest.fixture
async def filled(home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home with two documents, a router, an index and what a crash left over."""
    monkeypatch.setattr("bot.learning.DEFAULT", FusedConfig(iterations=15))
    home.home.mkdir()
    database = Database(home.database_url)
    await migrate.upgrade(database)
    async with small_app(database, home.home) as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await add_text(app, tmp_path, "shouce.md", HANDBOOK_ZH)
    seeds = write_seeds(tmp_path / "seeds")
    await ensure_router(database, ModelStore(home.models_folder), BagEncoder(), seeds, Silence())
    (home.home / "models" / ".new-abc").mkdir()
    (home.home / "models" / ".new-abc" / "half").write_text("half")
    await database.close()
    return home


def elsewhere(settings: Settings) -> Settings:
    return settings.model_copy(update={"home": settings.home.parent / "restored"})


async def add_people(database: Database, stop: asyncio.Event) -> int:
    """Write one person after the other until told to stop; how many were committed."""
    count = 0
    while not stop.is_set():
        count += 1
        async with database.write() as tx:
            await tx.people.see_user(10_000 + count, "x" * 500, "en")
    return count


async def test_a_backup_under_writes_restores_to_a_sound_database_that_answers(
    filled: Settings, tmp_path: Path
) -> None:
    database, stop = Database(filled.database_url), asyncio.Event()
    writing = asyncio.create_task(add_people(database, stop))
    for number in range(5):
        await asyncio.sleep(0.05)
        await back_up(filled, tmp_path / f"{number}.tar.gz")
    stop.set()
    written = await writing
    await database.close()
    counts = []
    for number in range(5):
        target = filled.model_copy(update={"home": tmp_path / f"restored-{number}"})
        assert (await restore(target, tmp_path / f"{number}.tar.gz")).database
        assert find_fault(target.home / "dawen.db") is None
        with closing(sqlite3.connect(target.home / "dawen.db")) as connection:
            counts += connection.execute("SELECT count(*) FROM users WHERE id > 10000").fetchone()
    assert 0 < counts[0] < counts[-1] <= written
    assert counts == sorted(counts)
    await check_answers(target)


async def check_answers(settings: Settings) -> None:
    """Both documents are found, and the router is the one that was saved."""
    database = Database(settings.database_url)
    await migrate.check(database)
    async with small_app(database, settings.home) as app:
        assert "thirty days" in (await app.conversation.ask(private("When are refunds paid?"))).plain
        assert "三十天" in (await app.conversation.ask(private("退款什么时候支付？"))).plain
    router = await ensure_router(database, ModelStore(settings.models_folder), BagEncoder(), Path("none"), Silence())
    assert router.route("good morning").intent.label == "greeting"
    await database.close()


async def test_what_is_made_anew_or_half_done_stays_out(filled: Settings, tmp_path: Path) -> None:
    (filled.home / "index").mkdir(exist_ok=True)
    (filled.home / "index" / "cache").write_text("x")
    (filled.home / "models" / "encoder").mkdir()
    (filled.home / "models" / "encoder" / "graph.onnx").write_text("x")
    (filled.home / "snapshots").mkdir()
    (filled.home / "snapshots" / "1.jsonl").write_text("{}\n")
    made = await back_up(filled, tmp_path / "b.tar.gz")
    with tarfile.open(tmp_path / "b.tar.gz") as tar:
        names = tar.getnames()
    assert len(names) == made.files + 1
    assert {"dawen.db", "dawen.toml", "models/router/current", "snapshots/1.jsonl", MANIFEST} <= set(names)
    assert not [
        name for name in names if "encoder" in name or name.startswith("index") or "/." in name or "-wal" in name
    ]
    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o077 == 0


def test_secrets_stay_out_of_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "dawen.toml"
    assert public_settings(path) == ""
    path.write_text(
        'telegram_bot_token = "1:geheim"\nTELEGRAM_BOT_TOKEN = "1:geheim"  # geheim\ngenerator_key = """\ngeheim"""\n'
        'database = "postgresql://ada:geheim@host/x"\ngenerator_url = "http://host/v1?key=geheim"\n'
        'encoder = "C:\\\\模型\\\\a\\"b"\nport = 81\nopen = true\nadmins = [1, 2]\ngenerator_tokens = 99\n',
        encoding="utf-8",
    )
    kept = {"encoder": 'C:\\模型\\a"b', "port": 81, "open": True, "admins": [1, 2], "generator_tokens": 99}
    assert tomllib.loads(public_settings(path)) == kept


async def test_a_backup_replaces_nothing_and_is_whole_or_not_there(
    filled: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there.tar.gz").write_text("mine")
    with pytest.raises(BackupError, match="exists already: choose another name"):
        await back_up(filled, tmp_path / "there.tar.gz")
    assert (tmp_path / "there.tar.gz").read_text() == "mine"
    with pytest.raises(BackupError, match="choose a place outside"):
        await back_up(filled, filled.home / "b.tar.gz")
    with pytest.raises(BackupError, match="cannot be written"):
        await back_up(filled, tmp_path / "nowhere" / "b.tar.gz")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.backups.public_settings", full)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(BackupError, match="No space left on device"):
        await back_up(filled, tmp_path / "b.tar.gz")
    assert sorted(tmp_path.iterdir()) == before


async def test_a_damaged_database_is_not_backed_up_silently(filled: Settings, tmp_path: Path) -> None:
    path = filled.home / "dawen.db"
    data = bytearray(path.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    path.write_bytes(data)
    with pytest.raises(DatabaseUnavailable, match=r"restore an earlier backup|cannot be copied"):
        await back_up(filled, tmp_path / "b.tar.gz")
    assert not (tmp_path / "b.tar.gz").exists()


async def test_only_an_empty_home_is_restored_to(filled: Settings, tmp_path: Path) -> None:
    await back_up(filled, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="not empty"):
        await restore(filled, tmp_path / "b.tar.gz")
    with pytest.raises(BackupError, match="unset it"):
        await restore(elsewhere(filled).model_copy(update={"database": "sqlite:///other.db"}), tmp_path / "b.tar.gz")
    elsewhere(filled).home.mkdir()
    assert (await restore(elsewhere(filled), tmp_path / "b.tar.gz")).files > 4


def rewritten(path: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes] | None]) -> None:
    """Change the entries of an archive; None leaves one out."""
    with tarfile.open(path) as tar:
        entries = [(entry, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as tar:
        for kept in (change(entry, data) for entry, data in entries):
            if kept is not None:
                kept[0].size = len(kept[1]) if kept[0].isreg() else 0
                tar.addfile(kept[0], io.BytesIO(kept[1]))


def renamed(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[tarfile.TarInfo, bytes], object]:
    def change(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name == "dawen.toml":
            entry.name, entry.type, entry.linkname = name, kind, link
        return entry, data

    return change


HOSTILE = {
    "below": renamed("../evil"),
    "within": renamed("models/../../evil"),
    "absolute": renamed("/tmp/evil"),  # noqa: S108 - is never written
    "backslash": renamed("..\\evil"),
    "drive": renamed("C:evil"),
    "twice": renamed("dawen.db"),
    "symlink": renamed("evil", tarfile.SYMTYPE, "/etc"),
    "hardlink": renamed("evil", tarfile.LNKTYPE, "dawen.db"),
    "device": renamed("evil", tarfile.CHRTYPE),
    "unlisted": renamed("evil"),
    "changed": lambda entry, data: (entry, data + b" " if entry.name == "dawen.toml" else data),
    "missing": lambda entry, data: None if entry.name == "dawen.toml" else (entry, data),
    "no list": lambda entry, data: None if entry.name == MANIFEST else (entry, data),
    "list": lambda entry, data: (entry, b"[]" if entry.name == MANIFEST else data),
    "format": lambda entry, data: (entry, data.replace(b'"format": 1', b'"format": 2')),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_changed_archive_is_refused_and_nothing_of_it_is_kept(
    name: str, home: Settings, tmp_path: Path
) -> None:
    home.home.mkdir()
    database = Database(home.database_url)
    await migrate.upgrade(database)
    await database.close()
    await back_up(home, tmp_path / "b.tar.gz")
    rewritten(tmp_path / "b.tar.gz", HOSTILE[name])  # type: ignore[arg-type]
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match=r": use another|update Dawen"):
        await restore(elsewhere(home), tmp_path / "b.tar.gz")
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("cut", [0, 10, 1000, -1])
async def test_a_cut_or_foreign_file_is_refused(cut: int, filled: Settings, tmp_path: Path) -> None:
    await back_up(filled, tmp_path / "b.tar.gz")
    data = (tmp_path / "b.tar.gz").read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(data[:cut] if cut >= 0 else gzip.compress(b"no tar at all" * 99))
    with pytest.raises(BackupError, match="damaged or no backup of Dawen"):
        await restore(elsewhere(filled), tmp_path / "cut.tar.gz")
    with pytest.raises(BackupError, match="check its name"):
        await restore(elsewhere(filled), tmp_path / "gone.tar.gz")
    assert not elsewhere(filled).home.exists()


async def test_older_tables_are_brought_up_to_date_and_newer_ones_refused(home: Settings, tmp_path: Path) -> None:
    home.home.mkdir()
    database = Database(home.database_url)
    await migrate.upgrade(database)
    await migrate.downgrade(database, "-1")
    await database.close()
    await back_up(home, tmp_path / "old.tar.gz")
    await restore(elsewhere(home), tmp_path / "old.tar.gz")
    restored = Database(elsewhere(home).database_url)
    await migrate.check(restored)
    await restored.close()
    with closing(sqlite3.connect(home.home / "dawen.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    await back_up(home, tmp_path / "new.tar.gz")
    with pytest.raises(SchemaOutdated, match="update Dawen"):
        await restore(home.model_copy(update={"home": tmp_path / "third"}), tmp_path / "new.tar.gz")
    assert not (tmp_path / "third").exists()


async def test_of_postgres_models_and_documents_are_kept(
    postgres: Database, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(home=tmp_path / "home", database=postgres_url, manual=False)
    async with small_app(postgres, settings.home) as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await add_text(app, tmp_path, "mine.md", HANDBOOK_ZH, scope="chat:5")
    (settings.models_folder / "router").mkdir(parents=True)
    (settings.models_folder / "router" / "current").write_text("1\n")
    assert not (await back_up(settings, tmp_path / "b.tar.gz")).database
    assert not (await restore(elsewhere(settings), tmp_path / "b.tar.gz")).database
    (text,) = (tmp_path / "restored" / "documents").iterdir()
    assert "Refunds are paid within thirty days" in text.read_text()
    assert (tmp_path / "restored" / "models" / "router" / "current").read_text() == "1\n"
