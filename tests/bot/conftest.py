"""An application with two handbooks, one in each language."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App
from storage.database import Database
from tests.support.apps import ADA, BO, HANDBOOK_EN, HANDBOOK_ZH, add_text, private, small_app


@pytest.fixture
async def app(sqlite: Database, tmp_path: Path) -> AsyncIterator[App]:
    """Two handbooks; Ada is an admin, Bo a member."""
    async with small_app(sqlite, tmp_path / "home", admins=[ADA.id], allowed_users=[BO.id]) as app:
        await add_text(app, tmp_path, "handbook.md", HANDBOOK_EN)
        await add_text(app, tmp_path, "shouce.md", HANDBOOK_ZH)
        for person in (ADA, BO):
            await app.access.admit(person, private("", person).place)
        yield app
