"""Chats are gathered in slots, so that many of them can be held by one lease and handed over together.

One lease for each chat would make the list of leases as long as that of the chats. 128 slots can be told apart by few
enough rows to be renewed at once, and are still many for each of up to sixteen workers, so that no worker has much more
than another. The number is part of the database: each update is stored with its slot.
"""

import zlib

SLOTS = 128


def slot_of(lane: str) -> int:
    """The slot, in [0, SLOTS), of a lane of the inbox: the same in every process and at all times."""
    return zlib.crc32(lane.encode()) % SLOTS
