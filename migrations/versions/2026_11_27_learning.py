"""evidence with its weight, consent, corrections, runs that can be watched, versions on their way into service

Revision: 0006, after 0005, made on 2026-11-27 10:00:00.000000.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_RUNNING = sa.text("status = 'running'")


def _added() -> dict[str, list[sa.Column[Any]]]:
    """New columns by table; made anew each time, as a column belongs to one table."""
    return {
        "users": [sa.Column("consent", sa.Boolean(), nullable=True)],
        "feedback": [
            sa.Column("weight", sa.Float(53), nullable=False, server_default="1"),
            sa.Column("versions", sa.JSON(), nullable=True),
        ],
        "labels": [
            sa.Column("weight", sa.Float(53), nullable=False, server_default="1"),
            sa.Column("golden", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("versions", sa.JSON(), nullable=True),
        ],
        "training_runs": [
            sa.Column("reason", sa.String(24), nullable=False, server_default="command"),
            sa.Column("phase", sa.String(24), nullable=True),
            sa.Column("verdict", sa.JSON(), nullable=True),
            sa.Column("error", sa.Text(), nullable=True),
            sa.Column("requested_by", sa.BigInteger(), nullable=True),
            sa.Column("chat_id", sa.BigInteger(), nullable=True),
            sa.Column("telegram_id", sa.BigInteger(), nullable=True),
            sa.Column("language", sa.String(8), nullable=False, server_default="en"),
        ],
    }


def upgrade() -> None:
    """Step up."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index(
        "uq_training_runs_running",
        "training_runs",
        ["status"],
        unique=True,
        sqlite_where=_RUNNING,
        postgresql_where=_RUNNING,
    )
    op.create_table(
        "corrections",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("answer_id", _KEY, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_corrections_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_corrections_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("answer_id", "user_id", name=op.f("uq_corrections_answer_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_corrections_user_id"), "corrections", ["user_id"])
    op.create_table(
        "rollouts",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("version", sa.String(96), nullable=False),
        sa.Column("previous", sa.String(96), nullable=True),
        sa.Column("share", sa.Float(53), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(64), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rollouts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rollouts_kind", "rollouts", ["kind", "id"])
    op.create_table(
        "marks",
        sa.Column("name", sa.String(48), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )


def downgrade() -> None:
    """Step back down."""
    op.drop_table("marks")
    op.drop_index("ix_rollouts_kind", "rollouts")
    op.drop_table("rollouts")
    op.drop_index(op.f("ix_corrections_user_id"), "corrections")
    op.drop_table("corrections")
    op.drop_index("uq_training_runs_running", "training_runs")
    for table, columns in reversed(_added().items()):
        for column in reversed(columns):
            op.drop_column(table, column.name)
