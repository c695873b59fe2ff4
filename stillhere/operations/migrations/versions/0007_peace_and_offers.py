"""objections, erasures and do not disturb; the offer of a contact

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "objections",
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_objections")),
    )
    op.create_table(
        "erasures",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("erased_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_erasures")),
    )
    op.create_table(
        "do_not_disturb",
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=255), nullable=False),
        sa.Column("set_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_do_not_disturb")),
    )
    op.add_column("contacts_made", sa.Column("offer_code", sa.String(length=64)))
    op.add_column("contacts_made", sa.Column("offer_group", sa.String(length=64)))
    op.add_column("contacts_made", sa.Column("offer_until", sa.Date()))


def downgrade() -> None:
    for column in ("offer_until", "offer_group", "offer_code"):
        op.drop_column("contacts_made", column)
    for table in ("do_not_disturb", "erasures", "objections"):
        op.drop_table(table)
