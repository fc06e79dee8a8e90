"""`dawen keys create`, `list` and `revoke`."""

from tests.support.terminal import Terminal


def test_keys_are_made_shown_once_and_revoked(terminal: Terminal) -> None:
    made = terminal("keys", "create", "shop", "--admin", "--json").json
    assert made["name"] == "shop"
    assert made["key"].startswith("dawen_1_")
    plain = terminal("keys", "create", "blog")
    assert plain.out.startswith("dawen_2_")
    assert "shown this once only" in plain.err
    assert terminal("keys", "revoke", "shop", "--json").json == {"revoked": "shop"}
    listed = terminal("keys", "list", "--json").json["keys"]
    assert [(key["name"], key["admin"], key["revoked_at"] is None) for key in listed] == [
        ("shop", True, False),
        ("blog", False, True),
    ]
    shown = terminal("keys", "list").out
    assert "blog" in shown
    assert made["key"][8:] not in shown + str(listed)
    assert "blog: revoked" in terminal("keys", "revoke", "blog").out
    assert "no key 'blog' in force" in terminal("keys", "revoke", "blog").complaint
