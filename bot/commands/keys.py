"""`dawen keys`: the keys that let programs use the REST API."""

from bot import console
from bot.app import open_database
from bot.keys import ApiKeys
from bot.settings import Settings


async def create(settings: Settings, name: str, *, admin: bool, teach: bool, as_json: bool) -> None:
    """Make a key and show it, this once.

    Raises:
        KeysError: the name is taken, or cannot be used.
    """
    async with open_database(settings) as database:
        key = await ApiKeys(database).create(name, admin=admin, teach=teach)
    if as_json:
        console.print_json({"name": name, "key": key})
    else:
        console.out.print(key, markup=False)
        console.err.print("Keep this key: it is shown this once only.", markup=False)


async def list_keys(settings: Settings, *, as_json: bool) -> None:
    """List the keys, revoked ones too, without their secrets."""
    async with open_database(settings) as database:
        keys = await ApiKeys(database).all()
    if as_json:
        told = [
            {
                "id": key.id,
                "name": key.name,
                "admin": key.admin,
                "created_at": key.created_at.isoformat(),
                "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
            }
            for key in keys
        ]
        console.print_json({"keys": told})
        return
    rows: list[tuple[object, ...]] = [
        (key.id, key.name, "admin" if key.admin else "", key.created_at, key.revoked_at or "") for key in keys
    ]
    console.print_table(rows, "number", "name", "may", "made", "revoked")


async def revoke(settings: Settings, name: str, *, as_json: bool) -> None:
    """Let nobody in with a key any more.

    Raises:
        KeysError: there is no key of this name.
    """
    async with open_database(settings) as database:
        await ApiKeys(database).revoke(name)
    if as_json:
        console.print_json({"revoked": name})
    else:
        console.out.print(f"{name}: revoked", markup=False)
