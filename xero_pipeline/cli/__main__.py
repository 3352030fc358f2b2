"""`python -m xero_pipeline.cli`, for starting our own commands with the Python that runs us."""

from __future__ import annotations

from xero_pipeline.cli import main

main()
