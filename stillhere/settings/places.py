"""Where a company's state lies: everything under `data/<company id>/`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of one company's state. `root` is absolute; nothing here is created by asking."""

    root: Path
    operations_override: str | None = None

    @property
    def sources(self) -> Path:
        """The demo's own databases and files."""
        return self.root / "sources"

    @property
    def truth(self) -> Path:
        """The demo's planted truth; only benchmarks and tests read it."""
        return self.root / "truth"

    @property
    def raw_database(self) -> Path:
        """Append-only raw history."""
        return self.root / "raw" / "raw.duckdb"

    @property
    def warehouse(self) -> Path:
        """The night's own database: staging to marts."""
        return self.root / "warehouse.duckdb"

    @property
    def operations_url(self) -> str:
        """SQLAlchemy URL of the operations database."""
        return self.operations_override or f"sqlite:///{self.root / 'operations.sqlite'}"

    @property
    def lock(self) -> Path:
        """The night's lock file."""
        return self.root / "night.lock"

    @property
    def nights(self) -> Path:
        """One folder a night and revision."""
        return self.root / "nights"

    @property
    def published(self) -> Path:
        """Symlink to the newest good night."""
        return self.root / "published"

    @property
    def models(self) -> Path:
        """Registered risk models."""
        return self.root / "models"

    @property
    def out(self) -> Path:
        """What people open: reports, lists, calls, mails."""
        return self.root / "out"

    @property
    def dlt(self) -> Path:
        """dlt's home."""
        return self.root / "dlt"

    @property
    def dbt_target(self) -> Path:
        """dbt's target folder, with its parse cache."""
        return self.root / "dbt"

    @property
    def scratch(self) -> Path:
        """Where engines spill and half-written things wait."""
        return self.root / "scratch"

    @property
    def prefect_home(self) -> Path:
        """Prefect's home: its database and logs."""
        return self.root / "prefect"

    def night_folder(self, as_of: date, revision: int) -> Path:
        """Where a night's marts are written."""
        return self.nights / f"{as_of.isoformat()}-{revision}"

    def out_folder(self, as_of: date) -> Path:
        """Where a night's report, lists and mails are written."""
        return self.out / as_of.isoformat()
