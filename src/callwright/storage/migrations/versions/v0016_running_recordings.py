"""Which talks are being recorded, and how recordings of all queues are found by time."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    running = sa.Column("is_running", sa.Boolean, nullable=False, server_default=sa.false())
    op.add_column("queue_recording", running)
    op.drop_index("queue_recording_by_time", "queue_recording")
    op.create_index("queue_recording_by_time", "queue_recording", ["started_at_us", "id"])
    op.create_index("queue_recording_of_queue", "queue_recording", ["queue", "started_at_us", "id"])
