"""hand-overs: whose a message is, when it leaves, what the provider's log says; batches to call back; guard stops

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOUBTS = sa.text("status IN ('handing_over', 'unknown')")
COLUMNS = (
    ("claim", sa.String(length=32)),
    ("batch_id", sa.String(length=64)),
    ("send_at", sa.DateTime()),
    ("provider_id", sa.String(length=128)),
    ("first_missed_at", sa.DateTime()),
    ("settled_by", sa.String(length=16)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("ledger", sa.Column(name, kind, nullable=True))
    op.create_index("ix_ledger_person_night", "ledger", ["mode", "as_of", "person"])
    op.create_index("ix_ledger_account_night", "ledger", ["mode", "as_of", "account_id"])
    op.create_index("ix_ledger_doubts", "ledger", ["mode", "status"], sqlite_where=DOUBTS, postgresql_where=DOUBTS)
    op.create_table(
        "send_batches",
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_send_batches")),
    )
    op.create_table(
        "guard_stops",
        sa.Column("campaign", sa.String(length=64), nullable=False),
        sa.Column("stopped_at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "stopped_at", name=op.f("pk_guard_stops")),
    )


def downgrade() -> None:
    op.drop_table("guard_stops")
    op.drop_table("send_batches")
    for name in ("ix_ledger_doubts", "ix_ledger_account_night", "ix_ledger_person_night"):
        op.drop_index(name, "ledger")
    with op.batch_alter_table("ledger") as batch_op:
        for name, _ in COLUMNS:
            batch_op.drop_column(name)
