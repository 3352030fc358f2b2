"""Meltano's target-postgres as it is, reading Singer's messages from standard input."""

from __future__ import annotations

from gauge import job, measured
from target_postgres.target import TargetPostgres

CONFIG = {
    "sqlalchemy_url": job()["database"].replace("postgresql://", "postgresql+psycopg://", 1),
    "default_target_schema": "singer",
    "use_copy": True,
    "batch_size_rows": 10000,
}

with measured("target"):
    TargetPostgres(config=CONFIG, validate_config=False).listen()
