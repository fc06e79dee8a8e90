"""Who does what only one process may do."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.schema.base import Base


class Lease(Base):
    """Something that one process at a time does, and until when it may.

    `token` grows whenever somebody takes the lease. `expires_at` is in seconds since 1970 by the database's clock, and
    infinite where no other process can be there.
    """

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(192), primary_key=True)
    holder: Mapped[str] = mapped_column(String(128))
    token: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[float]
