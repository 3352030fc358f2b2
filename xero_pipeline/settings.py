"""Every environment variable, in one place: its name, what it means, its default, an example, and how it is read.

`Settings.from_environment(os.environ)` is the only way settings come in; nothing here reads files or the network.
`VARIABLES` documents them for people: `doctor` and README.md print the same table from it. An empty value means unset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from xero_pipeline.domain.errors import Permanent

MASK = "********"

T = TypeVar("T")


@dataclass(frozen=True)
class Variable(Generic[T]):
    """One environment variable. `read` turns its text into the value or raises ValueError saying what it must be."""

    name: str
    meaning: str
    read: Callable[[str], T]
    default: str = ""
    example: str = ""
    default_shown: str = ""
    secret: bool = False

    def value(self, environment: Mapping[str, str]) -> T:
        """The value set, or the default. Raises Permanent naming the variable; a secret's text is never repeated."""
        text = self.text(environment)
        try:
            return self.read(text)
        except ValueError as error:
            shown = "" if self.secret else f", not {text!r}"
            advice = f"Set it like {self.name}={self.example}" if self.example else f"Correct {self.name}"
            raise Permanent(f"{self.name} must be {error}{shown}.", next_step=f"{advice}, or unset it.") from None

    def text(self, environment: Mapping[str, str]) -> str:
        return environment.get(self.name, "").strip() or self.default

    def is_set(self, environment: Mapping[str, str]) -> bool:
        return bool(environment.get(self.name, "").strip())

    def shown(self, environment: Mapping[str, str]) -> str:
        """What a person may see: the value, a mask for a secret that is set, or what holds without one."""
        if not self.is_set(environment):
            return self.default_shown or self.default
        return MASK if self.secret else self.text(environment)


def _text(text: str) -> str:
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _base_url(text: str) -> str:
    parts = urlsplit(text)
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in ("https", "http") or not parts.hostname or not plain:
        raise ValueError("an http or https address without credentials or a query")
    return text.rstrip("/")


def _database_url(text: str) -> str:
    scheme = urlsplit(text).scheme.partition("+")[0]
    if text and scheme not in ("postgresql", "postgres"):
        raise ValueError("a PostgreSQL address that starts with postgresql://")
    return text


def _private_key(text: str) -> str:
    # Many places that hold secrets keep them on one line, with \n written out.
    key = text.replace("\\n", "\n")
    if key and not key.startswith("-----BEGIN "):
        raise ValueError("the PEM text of a private key, from -----BEGIN to -----END")
    return key


def _running(text: str) -> bool:
    if text not in ("running", "stopped"):
        raise ValueError("running or stopped")
    return text == "running"


WAREHOUSE_URL = Variable(
    "WAREHOUSE_URL",
    "The PostgreSQL (15 or newer) that everything is staged in.",
    _database_url,
    default_shown="an embedded PostgreSQL in XERO_PIPELINE_HOME",
    example="postgresql://xero:password@db.example.com:5432/warehouse",
    secret=True,
)
XERO_CLIENT_ID = Variable(
    "XERO_CLIENT_ID",
    "Client id of the Xero app: a custom connection, or a web app to be connected in a browser.",
    _text,
    default_shown="the sandbox's, in `up` and `demo`",
    example="0123456789ABCDEF0123456789ABCDEF",
)
XERO_CLIENT_SECRET = Variable(
    "XERO_CLIENT_SECRET", "Client secret of the Xero app.", _text, default_shown="the sandbox's", secret=True
)
XERO_API_URL = Variable(
    "XERO_API_URL",
    "Base address of Xero's accounting API and /connections.",
    _base_url,
    default="https://api.xero.com",
    example="http://127.0.0.1:8080",
)
XERO_IDENTITY_URL = Variable(
    "XERO_IDENTITY_URL",
    "Base address of Xero's token endpoint.",
    _base_url,
    default="https://identity.xero.com",
    example="http://127.0.0.1:8080",
)
XERO_LOGIN_URL = Variable(
    "XERO_LOGIN_URL",
    "Base address of the page where a person lets the web app in.",
    _base_url,
    default="https://login.xero.com",
    example="http://127.0.0.1:8080",
)
SALESFORCE_LOGIN_URL = Variable(
    "SALESFORCE_LOGIN_URL",
    "Where Salesforce gives tokens; https://test.salesforce.com for a sandbox org, or the org's My Domain.",
    _base_url,
    default="https://login.salesforce.com",
    example="https://mycompany.my.salesforce.com",
)
SALESFORCE_CLIENT_ID = Variable(
    "SALESFORCE_CLIENT_ID",
    "Consumer key of the connected app.",
    _text,
    default_shown="the sandbox's, in `up` and `demo`",
    example="3MVG9abcdef",
)
SALESFORCE_CLIENT_SECRET = Variable(
    "SALESFORCE_CLIENT_SECRET",
    "Consumer secret, for the client credentials flow (used when SALESFORCE_PRIVATE_KEY is not set).",
    _text,
    default_shown="none",
    secret=True,
)
SALESFORCE_USERNAME = Variable(
    "SALESFORCE_USERNAME",
    "The integration user that the JWT bearer flow signs in as.",
    _text,
    default_shown="none",
    example="integration@mycompany.com",
)
SALESFORCE_PRIVATE_KEY = Variable(
    "SALESFORCE_PRIVATE_KEY",
    "PEM text of the private key for the JWT bearer flow; line breaks may be written as \\n.",
    _private_key,
    default_shown="none",
    secret=True,
)
XERO_PIPELINE_HOME = Variable(
    "XERO_PIPELINE_HOME",
    "Directory of all local state: the embedded PostgreSQL, the sandbox, DAGSTER_HOME, logs.",
    _path,
    default=".xero_pipeline",
    example="/var/lib/xero_pipeline",
)
XERO_PIPELINE_ORGS = Variable(
    "XERO_PIPELINE_ORGS",
    "The file that names the organisations and what is switched on for each.",
    _path,
    default="orgs.yaml",
    example="/etc/xero_pipeline/orgs.yaml",
)
XERO_PIPELINE_SECRET_KEY = Variable(
    "XERO_PIPELINE_SECRET_KEY",
    "What the tokens in sync.connections are encrypted with. Lose it and every connection has to be made again.",
    _text,
    default_shown="a key made once and kept in XERO_PIPELINE_HOME",
    secret=True,
)
XERO_PIPELINE_SCHEDULES = Variable(
    "XERO_PIPELINE_SCHEDULES",
    "Whether schedules run until somebody switches them in the Dagster UI: running or stopped. `up` sets running.",
    _running,
    default="stopped",
    example="running",
)
DAGSTER_HOME = Variable(
    "DAGSTER_HOME",
    "Where Dagster finds dagster.yaml and keeps its logs. `up` and `demo` set it to XERO_PIPELINE_HOME/dagster.",
    _text,
    default_shown="XERO_PIPELINE_HOME/dagster, in `up` and `demo`",
    example="/var/lib/dagster",
)
DAGSTER_POSTGRES_URL = Variable(
    "DAGSTER_POSTGRES_URL",
    "Dagster's own storage, as dagster.yaml reads it. With SQLAlchemy 2.1 it has to name the psycopg2 driver.",
    _database_url,
    default_shown="WAREHOUSE_URL's server, in `up` and `demo`",
    example="postgresql+psycopg2://dagster:password@db.example.com:5432/dagster",
    secret=True,
)

VARIABLES: tuple[Variable[str] | Variable[Path] | Variable[bool], ...] = (
    WAREHOUSE_URL,
    XERO_CLIENT_ID,
    XERO_CLIENT_SECRET,
    XERO_API_URL,
    XERO_IDENTITY_URL,
    XERO_LOGIN_URL,
    SALESFORCE_LOGIN_URL,
    SALESFORCE_CLIENT_ID,
    SALESFORCE_CLIENT_SECRET,
    SALESFORCE_USERNAME,
    SALESFORCE_PRIVATE_KEY,
    XERO_PIPELINE_HOME,
    XERO_PIPELINE_ORGS,
    XERO_PIPELINE_SECRET_KEY,
    XERO_PIPELINE_SCHEDULES,
    DAGSTER_HOME,
    DAGSTER_POSTGRES_URL,
)

_SECRET_FIELDS = frozenset(
    {
        "warehouse_url",
        "xero_client_secret",
        "salesforce_client_secret",
        "salesforce_private_key",
        "secret_key",
        "dagster_postgres_url",
    }
)


@dataclass(frozen=True, repr=False)
class Settings:
    """Every setting, typed. Secrets are masked in `repr`, so a settings object may be logged."""

    warehouse_url: str
    xero_client_id: str
    xero_client_secret: str
    xero_api_url: str
    xero_identity_url: str
    xero_login_url: str
    salesforce_login_url: str
    salesforce_client_id: str
    salesforce_client_secret: str
    salesforce_username: str
    salesforce_private_key: str
    home: Path
    orgs_file: Path
    secret_key: str
    schedules_running: bool
    dagster_home: str
    dagster_postgres_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every variable of `environment`. Raises Permanent with one sentence about the first bad value."""
        return cls(
            warehouse_url=WAREHOUSE_URL.value(environment),
            xero_client_id=XERO_CLIENT_ID.value(environment),
            xero_client_secret=XERO_CLIENT_SECRET.value(environment),
            xero_api_url=XERO_API_URL.value(environment),
            xero_identity_url=XERO_IDENTITY_URL.value(environment),
            xero_login_url=XERO_LOGIN_URL.value(environment),
            salesforce_login_url=SALESFORCE_LOGIN_URL.value(environment),
            salesforce_client_id=SALESFORCE_CLIENT_ID.value(environment),
            salesforce_client_secret=SALESFORCE_CLIENT_SECRET.value(environment),
            salesforce_username=SALESFORCE_USERNAME.value(environment),
            salesforce_private_key=SALESFORCE_PRIVATE_KEY.value(environment),
            home=XERO_PIPELINE_HOME.value(environment),
            orgs_file=XERO_PIPELINE_ORGS.value(environment),
            secret_key=XERO_PIPELINE_SECRET_KEY.value(environment),
            schedules_running=XERO_PIPELINE_SCHEDULES.value(environment),
            dagster_home=DAGSTER_HOME.value(environment),
            dagster_postgres_url=DAGSTER_POSTGRES_URL.value(environment),
        )

    def __repr__(self) -> str:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        masked = {name: MASK if value and name in _SECRET_FIELDS else value for name, value in values.items()}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in masked.items())})"
