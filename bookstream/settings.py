"""Settings: `BOOKSTREAM_*` variables or a .env file, read once, frozen; an unknown key is an error."""

import os
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from domain.errors import Misconfigured

PREFIX = "BOOKSTREAM_"

# Read by ops/ and tests/ before any settings exist.
ELSEWHERE = frozenset({"BOOKSTREAM_CACHE_DIR", "BOOKSTREAM_MAVEN", "BOOKSTREAM_TEST_KAFKA", "BOOKSTREAM_REALDATA"})


class Settings(BaseSettings):
    """Everything that a deployment may change."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_nested_delimiter="__", frozen=True, extra="forbid"
    )

    data_dir: Path = Field(default=Path("data"), description="state, logs and the embedded servers' files")
    kafka: str | None = Field(
        default=None, description="host:port,… of a Kafka cluster; unset: a local broker is started"
    )
    kafka_security: dict[str, str] = Field(default_factory=dict, description="librdkafka's SASL and TLS settings")
    replication: int = Field(default=1, ge=1, description="replicas of each topic")
    registry: str | None = Field(
        default=None, description="URL of a schema registry; unset: ids pinned in the repository"
    )
    clickhouse: str | None = Field(default=None, description="clickhouse://…; unset: the embedded engine in data_dir")
    sink_batch_rows: int = Field(default=20_000, ge=1)
    sink_batch_seconds: float = Field(default=1.0, gt=0)
    currency: str = Field(default="GBP", pattern=r"^[A-Z]{3}$", description="the book's one currency, ISO 4217")
    token_keys: str = Field(
        default="", description="a JSON Web Key Set file with the public EdDSA keys of customers' tokens"
    )
    ledger_key: SecretStr | None = Field(
        default=None,
        description="the private Ed25519 key that signs the ledger's checkpoints: a PEM file or the PEM itself; "
        "unset: ledger.private.pem in data_dir",
    )
    ledger_public_keys: str = Field(
        default="",
        description="public keys to verify the ledger with, comma between: PEM files, PEMs or 64 hexadecimal digits; "
        "unset: ledger.public.pem in data_dir",
    )
    rules: Path | None = Field(
        default=None, description="TOML with the tables [accounts], [book] and [payments]; unset: the defaults"
    )
    betfair_app_key: SecretStr | None = None
    betfair_session: SecretStr | None = None
    betfair_sports: str = Field(default="1", description="event type ids to subscribe to, comma between; 1 is football")
    betfair_markets: str = Field(default="MATCH_ODDS", description="market types to subscribe to; empty: every type")
    betfair_host: str = Field(
        default="stream-api.betfair.com:443", pattern=r"^[^:]+:\d+$", description="host:port of the Exchange Stream"
    )
    betfair_ca: Path | None = Field(
        default=None, description="PEM file with the authorities to trust; unset: the system's"
    )
    theoddsapi_key: SecretStr | None = None
    theoddsapi_sports: str = Field(default="soccer_epl", description="sport keys to poll, comma between")
    theoddsapi_markets: str = Field(default="h2h", description="markets to poll; each costs a credit for each region")
    theoddsapi_regions: str = Field(default="uk", description="bookmakers' regions to poll, comma between")
    theoddsapi_every_s: float = Field(default=60.0, gt=0, description="seconds between two polls of a sport")
    theoddsapi_url: str = Field(default="https://api.the-odds-api.com", pattern=r"^https?://")
    betsapi_token: SecretStr | None = None
    betsapi_sports: str = Field(
        default="1", pattern=r"^[\d, ]*$", description="numbers of the sports whose matches are polled, comma between"
    )
    betsapi_events: str = Field(
        default="", pattern=r"^[\d, ]*$", description="ids of the events whose odds are polled, comma between"
    )
    betsapi_every_s: float = Field(default=10.0, gt=0, description="seconds between two polls of what is in play")
    betsapi_url: str = Field(default="https://api.betsapi.com", pattern=r"^https?://")
    uof_token: SecretStr | None = None
    uof_host: str = Field(
        default="mq.betradar.com:5671", pattern=r"^[^:]+:\d+$", description="host:port of Sportradar's message broker"
    )
    uof_url: str = Field(default="https://api.betradar.com", pattern=r"^https?://", description="its REST interface")
    uof_ca: Path | None = Field(default=None, description="as betfair_ca, for both of them")
    uof_producers: str = Field(
        default="", pattern=r"^[\d, ]*$", description="ids of the producers wanted, comma between; empty: all active"
    )
    uof_node: int = Field(default=1, ge=1, description="tells the recoveries of clients with one token apart")
    uof_language: str = Field(default="en", pattern=r"^[a-z]{2,3}$")
    uof_schedule_days: int = Field(default=3, ge=0, le=14, description="days ahead whose fixtures are fetched")
    payments_url: str = Field(
        default="", pattern=r"^(https?://.+)?$", description="the payment provider; empty: no payment is begun"
    )
    payments_key: SecretStr | None = None
    payments_webhook_secrets: SecretStr | None = Field(
        default=None, description="what the provider signs its webhooks with, comma between while it is changed"
    )
    payments_webhook_host: str = Field(default="127.0.0.1", description="where the cashier takes webhooks")
    payments_webhook_port: int = Field(default=8090, ge=0, le=65_535, description="0: any that is free")
    worker: str = Field(
        default="1", pattern=r"^[a-z0-9-]+$", description="tells workers of one context on one machine apart"
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65_530,
        description="serve Prometheus metrics here; the workers of `up` on this port and those that follow",
    )

    @property
    def aiokafka_security(self) -> dict[str, str]:
        """Return the SASL and TLS settings in aiokafka's names."""
        names = {"security.protocol": "security_protocol", "sasl.mechanism": "sasl_mechanism",
                 "sasl.username": "sasl_plain_username", "sasl.password": "sasl_plain_password"}  # fmt: skip
        return {names[name]: value for name, value in self.kafka_security.items() if name in names}

    def local(self, data_dir: Path, rules: Path) -> Self:
        """Return these settings for a stack with a broker of its own."""
        changes: dict[str, object] = {"data_dir": data_dir, "rules": rules, "kafka": None, "kafka_security": {}}
        return self.model_copy(update=changes)

    @model_validator(mode="after")
    def _refuse_unknown_variables(self) -> Self:
        known = {PREFIX + name.upper() for name in type(self).model_fields} | ELSEWHERE
        unknown = sorted(
            name
            for name in os.environ
            if name.startswith(PREFIX) and name not in known and not any(name.startswith(f"{k}__") for k in known)
        )
        if unknown:
            raise ValueError(f"unknown setting {', '.join(unknown)}")
        return self


@cache
def settings() -> Settings:
    """Read the settings, once.

    Raises:
        Misconfigured: a variable is unknown or its value is not of its kind.
    """
    try:
        return Settings()
    except SettingsError as error:
        # The one setting that is JSON.
        example = '{"security.protocol": "SASL_SSL"}'
        raise Misconfigured(f"{PREFIX}KAFKA_SECURITY: not a JSON object such as {example}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = PREFIX + "_".join(str(part) for part in first["loc"]).upper() if first["loc"] else "settings"
        raise Misconfigured(f"{where}: {first['msg']}") from error
