"""what people have approved, and what each night's campaigns said

Revision ID: 0004
Revises: 0003

A night sealed earlier has no contents: none of its campaigns counts as approved.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("seals", sa.Column("contents", sa.JSON(), nullable=True))
    op.create_table(
        "approvals",
        sa.Column("campaign", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("approved_at", sa.DateTime(), nullable=False),
        sa.Column("approved_by", sa.String(255), nullable=False),
        sa.Column("horizon_ends", sa.Date(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "content_hash", "approved_at", name="pk_approvals"),
    )


def downgrade() -> None:
    op.drop_table("approvals")
    op.drop_column("seals", "contents")
