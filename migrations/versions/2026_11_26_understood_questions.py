"""what a follow-up was taken for

Revision: 0002, after 0001, made on 2026-11-26 22:02:11.418032.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step up."""
    op.add_column("messages", sa.Column("understood", sa.Text(), nullable=True))


def downgrade() -> None:
    """Step down."""
    op.drop_column("messages", "understood")
