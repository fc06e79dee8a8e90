"""The keys that let programs in."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import schema
from storage.records import ApiKey
from storage.schema import now


class Keys:
    """Keys, of which only hashes are known here."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, name: str, secret_sha256: str, *, admin: bool) -> ApiKey:
        """Store a key; its name must be of no other key in force."""
        row = schema.ApiKey(name=name, secret_sha256=secret_sha256, admin=admin)
        self._session.add(row)
        await self._session.flush()
        return _key(row)

    async def get(self, key_id: int) -> ApiKey | None:
        """A key in force, by its number."""
        row = await self._session.get(schema.ApiKey, key_id, populate_existing=True)
        return None if row is None or row.revoked_at else _key(row)

    async def named(self, name: str) -> ApiKey | None:
        """A key in force, by its name."""
        wanted = select(schema.ApiKey).where(schema.ApiKey.name == name, schema.ApiKey.revoked_at.is_(None))
        row = (await self._session.scalars(wanted)).one_or_none()
        return None if row is None else _key(row)

    async def all(self) -> list[ApiKey]:
        """Every key, oldest first, revoked ones too."""
        return [_key(row) for row in await self._session.scalars(select(schema.ApiKey).order_by(schema.ApiKey.id))]

    async def revoke(self, key_id: int) -> None:
        """Take a key out of force, for good."""
        await self._session.execute(update(schema.ApiKey).where(schema.ApiKey.id == key_id).values(revoked_at=now()))


def _key(row: schema.ApiKey) -> ApiKey:
    return ApiKey(row.id, row.name, row.secret_sha256, row.admin, row.created_at, row.revoked_at)
