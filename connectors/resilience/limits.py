"""How long each phase may take, and how a connector tries again."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import stamina

from domain.errors import Unavailable


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds for each phase of talking to a provider."""

    connect_s: float = 5.0
    login_s: float = 10.0
    read_s: float = 20.0
    write_s: float = 5.0


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits between tries: doubling from `initial_s` to `maximum_s`, each with up to `jitter_s` more.

    `attempts` None tries for ever.
    """

    initial_s: float = 0.5
    maximum_s: float = 30.0
    jitter_s: float = 1.0
    attempts: int | None = None

    def tries(self, *, but: tuple[type[Exception], ...] = ()) -> AsyncIterator[stamina.Attempt]:
        """Iterate over tries: `async for attempt in …: with attempt: …`.

        Only `Unavailable` is tried again, `but` not these of its kinds.
        """

        def again(error: Exception) -> bool:
            return isinstance(error, Unavailable) and not isinstance(error, but)

        return aiter(
            stamina.retry_context(
                on=again,
                attempts=self.attempts,
                timeout=None,
                wait_initial=self.initial_s,
                wait_max=self.maximum_s,
                wait_jitter=self.jitter_s,
            )
        )
