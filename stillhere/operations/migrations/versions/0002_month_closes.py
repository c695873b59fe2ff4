"""closed months are kept as one Parquet a month

Revision ID: 0002
Revises: 0001

No version ever wrote a row into closed_months.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AMOUNTS = (
    *("opening_mrr_minor", "new_minor", "expansion_minor", "contraction_minor", "churn_minor", "reactivation_minor"),
    *("correction_minor", "closing_mrr_minor"),
)


def upgrade() -> None:
    op.drop_table("closed_months")
    op.create_table(
        "month_closes",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("movements", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_month_closes")),
    )


def downgrade() -> None:
    op.drop_table("month_closes")
    op.create_table(
        "closed_months",
        sa.Column("account_id", sa.String(length=255), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in AMOUNTS),
        sa.PrimaryKeyConstraint("account_id", "month", "currency", name=op.f("pk_closed_months")),
    )
