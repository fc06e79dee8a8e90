"""Keys of programs: shown once, kept as hashes, people to everything else."""

import pytest

from bot.errors import KeysError
from bot.keys import ApiKeys, person_of, place_of
from storage.database import Database


async def test_a_key_is_recognised_until_it_is_revoked(database: Database) -> None:
    keys = ApiKeys(database)
    shown, other = await keys.create("shop", admin=True), await keys.create("网店")
    key = await keys.recognise(shown)
    assert key is not None
    assert (key.name, key.admin) == ("shop", True)
    for wrong in (shown[:-1], shown[:-1] + ("A" if shown[-1] != "A" else "B"), "dawen_1_" + other[8:], "", "dawen_1_"):
        assert await keys.recognise(wrong) is None
    await keys.revoke("shop")
    assert await keys.recognise(shown) is None
    assert await keys.recognise(other) is not None
    assert [(k.name, k.revoked_at is None) for k in await keys.all()] == [("shop", False), ("网店", True)]


async def test_only_a_hash_is_kept(database: Database) -> None:
    keys = ApiKeys(database)
    secret = (await keys.create("shop")).split("_", 2)[2]
    (key,) = await keys.all()
    assert len(key.secret_sha256) == 64
    assert secret not in str(key)


async def test_names_are_of_one_key_in_force(database: Database) -> None:
    keys = ApiKeys(database)
    await keys.create("shop")
    with pytest.raises(KeysError, match="there is a key 'shop' already"):
        await keys.create("shop")
    await keys.revoke("shop")
    await keys.create("shop")
    with pytest.raises(KeysError, match="there is no key 'else' in force: see 'dawen keys list'"):
        await keys.revoke("else")
    for name in ("", " a", "a" * 65, "a\nb", "a/b"):
        with pytest.raises(KeysError, match="cannot be the name of a key"):
            await keys.create(name)


@pytest.mark.parametrize("teach", [True, False])
async def test_a_key_is_a_person_in_a_chat_of_their_own_and_teaches_by_consent(database: Database, teach: bool) -> None:
    keys = ApiKeys(database)
    await keys.create("shop", teach=teach)
    (key,) = await keys.all()
    person, place = person_of(key), place_of(key, 5)
    assert (person.id, place.kind, place.thread_id, place.shelf) == (place.chat_id, "api", 5, None)
    assert -(2**53) < person.id < -(10**13)
    async with database.read() as tx:
        known = await tx.people.user(person.id)
        assert known is not None
        assert known.consent is teach
