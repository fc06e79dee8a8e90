"""whole chunks

Revision: 0003, after 0002, made on 2026-11-26 22:00:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Step up."""
    op.add_column("chunks", sa.Column("whole", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Step back down: not in batch mode, which would make the table anew and clear the citations that point to it."""
    op.drop_column("chunks", "whole")
