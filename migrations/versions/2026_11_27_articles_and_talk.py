"""what summaries were made of, and the talk of groups that ask for digests

Revision: 0005, after 0004, made on 2026-11-27 06:30:00.000000.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Step up."""
    op.add_column("chats", sa.Column("digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "talk",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("thread_id", sa.BigInteger(), nullable=True),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_talk_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("chat_id", "telegram_id", name=op.f("uq_talk_chat_id_telegram_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_talk_conversation", "talk", ["chat_id", "thread_id", "id"])
    op.create_index(op.f("ix_talk_user_id"), "talk", ["user_id"])
    op.create_table(
        "articles",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("answer_id", _KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_articles_answer_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("answer_id", "number", name=op.f("uq_articles_answer_id_number")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Step back down."""
    op.drop_table("articles")
    op.drop_index(op.f("ix_talk_user_id"), "talk")
    op.drop_index("ix_talk_conversation", "talk")
    op.drop_table("talk")
    op.drop_column("chats", "digest")
