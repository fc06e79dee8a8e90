"""leases, and the slot of each update

Revision: 0008, after 0007, made on 2026-11-27 13:30:00.000000.
"""

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_PENDING = sa.text("finished_at IS NULL")
_SLOTS = 128


def upgrade() -> None:
    """Step up; what waits, or may be tried again, gets its slot."""
    op.create_table(
        "leases",
        sa.Column("name", sa.String(192), nullable=False),
        sa.Column("holder", sa.String(128), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.add_column("updates", sa.Column("slot", sa.Integer(), nullable=False, server_default="0"))
    connection = op.get_bind()
    lanes = connection.execute(
        sa.text("SELECT DISTINCT lane FROM updates WHERE finished_at IS NULL OR outcome IN ('failed', 'dead')")
    )
    slots = [{"lane": lane, "slot": zlib.crc32(lane.encode()) % _SLOTS} for lane in lanes.scalars()]
    if slots:
        connection.execute(sa.text("UPDATE updates SET slot = :slot WHERE lane = :lane"), slots)
    op.create_index(
        "ix_updates_slots",
        "updates",
        ["bot_id", "slot", "id"],
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    )


def downgrade() -> None:
    """Step back down."""
    op.drop_index("ix_updates_slots", "updates")
    op.drop_column("updates", "slot")
    op.drop_table("leases")
