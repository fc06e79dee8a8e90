"""changes of documents: since when each is as it is, and which are gone

Revision: 0004, after 0003, made on 2026-11-26 21:58:03.114902.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step up."""
    # Not in batch mode: to make the table anew would take all chunks with it, which go where their document goes.
    op.add_column("documents", sa.Column("generation", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_documents_generation"), "documents", ["generation"])
    op.create_table(
        "removals",
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_removals")),
    )
    op.create_index(op.f("ix_removals_generation"), "removals", ["generation"])


def downgrade() -> None:
    """Step back down."""
    op.drop_index(op.f("ix_removals_generation"), "removals")
    op.drop_table("removals")
    op.drop_index(op.f("ix_documents_generation"), "documents")
    op.drop_column("documents", "generation")
