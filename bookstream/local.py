"""The whole system on one machine: a broker, the topics, one worker of each context, watched over."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from bookstream import history, topic_admin
from bookstream.delivery.runtime import READY
from bookstream.money.signing import PRIVATE_KEY_FILE, PUBLIC_KEY_FILE, CheckpointSigner
from bookstream.registry import use_registry
from bookstream.settings import PREFIX, Settings
from bookstream.stack import StackFile
from bookstream.tokens import TokenSigner
from domain.errors import Misconfigured
from ops import broker as brokers
from ops.broker import Broker
from ops.directory import require_room
from ops.supervisor import Supervisor

CONTEXTS = ("ingest", "book", "accounts", "settlement", "history")
CASHIER = "cashier"
"""A worker of its own where a payment provider is set."""
READY_SECONDS = 90.0
STOP_SECONDS = 15.0

Progress = Callable[[str, int, int], None]


def contexts_of(settings: Settings) -> tuple[str, ...]:
    """Name the workers that a deployment needs."""
    return (*CONTEXTS, CASHIER) if settings.payments_url else CONTEXTS


class LocalStack:
    """A broker (unless one is set), the topics, and the workers; a context manager that stops what it started.

    Args:
        settings: `data_dir` holds everything; `kafka`, when set, is used instead of a local broker; `rules` are the
            workers' too.
        leashed: workers die with this process, even if that is killed.
        progress: told of downloads and steps.
        contexts: which workers to start.
        env: variables for the workers.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        leashed: bool,
        progress: Progress | None = None,
        contexts: tuple[str, ...] = CONTEXTS,
        env: dict[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.data_dir = settings.data_dir.absolute()
        self.broker: Broker | None = None
        self.supervisor: Supervisor
        self.bootstrap = settings.kafka or ""
        self._contexts = contexts
        self._leashed = leashed
        self._progress = progress or (lambda *_: None)
        self._env = env or {}

    def start(self) -> Self:
        """Start everything and wait until all of it is ready.

        Raises:
            AlreadyRunning: another stack runs on this data directory.
            Misconfigured: the settings have a cluster's security and not its address.
            Unavailable: the ClickHouse that is set does not answer.
            BookstreamError: whatever keeps the broker, a topic or a worker from starting, in one sentence.
        """
        if self.settings.kafka_security and not self.settings.kafka:
            raise Misconfigured(
                f"{PREFIX}KAFKA_SECURITY is a cluster's, whose address is missing in {PREFIX}KAFKA: "
                "a local broker has none"
            )
        if "history" in self._contexts:
            # Its worker would wait for it, and tell so only in its log.
            history.require_server(self.settings)
        require_room(self.data_dir)
        self.supervisor = Supervisor(self.data_dir, leashed=self._leashed)
        try:
            if not self.settings.kafka:
                brokers.stop(self.kafka_dir)
                self.broker = brokers.start(self.kafka_dir, progress=self._progress)
                self.bootstrap = self.broker.bootstrap
            StackFile(self.bootstrap, os.getpid()).write(self.data_dir)
            topic_admin.apply(self.bootstrap, self.settings)
            use_registry(self.settings.registry)
            self.signer()
            self.ledger_key()
            for context in self._contexts:
                self.spawn(context)
            self.wait_ready()
        except BaseException:
            self.stop()
            raise
        return self

    @property
    def kafka_dir(self) -> Path:
        """Return where the local broker keeps its data."""
        return self.data_dir / "kafka"

    def signer(self) -> TokenSigner:
        """Return the signer of customers' tokens of this data directory; its keys are made once."""
        private, public = self.data_dir / "tokens.private.jwks.json", self.data_dir / "tokens.public.jwks.json"
        if not private.exists():
            TokenSigner.generate().write(private, public)
        return TokenSigner.from_file(private)

    def ledger_key(self) -> CheckpointSigner:
        """Return the key that signs this data directory's ledger; it is made once, unless one is set."""
        if self.settings.ledger_key:
            return CheckpointSigner.from_setting(self.settings.ledger_key.get_secret_value())
        private, public = self.data_dir / PRIVATE_KEY_FILE, self.data_dir / PUBLIC_KEY_FILE
        if not private.exists():
            CheckpointSigner.generate().write(private, public)
        return CheckpointSigner.from_setting(str(private))

    def spawn(self, context: str) -> None:
        """Start the worker of a context."""
        ready = self.data_dir / "workers" / f"{context}-{self.settings.worker}" / READY
        ready.unlink(missing_ok=True)
        argv = [
            sys.executable,
            "-m",
            "faust",
            "-A",
            f"bookstream.apps.{context}",
            "worker",
            "-l",
            "info",
            "--without-web",
        ]
        env = {
            f"{PREFIX}KAFKA": self.bootstrap,
            f"{PREFIX}KAFKA_SECURITY": json.dumps(self.settings.kafka_security),
            f"{PREFIX}DATA_DIR": str(self.data_dir),
            **self._env,
        }
        if self.settings.metrics_port is not None:
            env[f"{PREFIX}METRICS_PORT"] = str(self.settings.metrics_port + (*CONTEXTS, CASHIER).index(context))
        if self.settings.rules is not None:
            env[f"{PREFIX}RULES"] = str(self.settings.rules.absolute())
        self.supervisor.spawn(context, argv, env, ready=ready.exists)

    def wait_ready(self) -> None:
        """Wait until every worker takes input."""
        for number, context in enumerate(self._contexts):
            self._progress(f"starting {context}", number, len(self._contexts))
        self.supervisor.wait_ready(READY_SECONDS)
        self._progress("workers are ready", len(self._contexts), len(self._contexts))

    def broker_lives(self) -> bool:
        """Tell whether the local broker runs; one that was set is not ours to watch."""
        return self.broker is None or self.broker.alive

    def require_broker(self) -> None:
        """Pass if the local broker runs.

        Raises:
            ServerDied: it ended by itself; with the end of its log.
        """
        if self.broker is not None and not self.broker_lives():
            raise self.broker.process.death()

    def stop(self) -> None:
        """Stop the workers, then the broker, and remove the file that tells where they are."""
        # Without a broker a worker cannot end cleanly; what it leaves is what a kill leaves.
        self.supervisor.stop_all(STOP_SECONDS if self.broker_lives() else 0.0)
        if self.broker is not None:
            self.broker.stop()
        (self.data_dir / "stack.json").unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
