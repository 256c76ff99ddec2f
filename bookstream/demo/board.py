"""What the demo knows of the running match: the newest of every topic that its screen and its customers follow."""

import threading
from collections import Counter, deque

from confluent_kafka import Consumer, TopicPartition

from bookstream.codecs import decode
from bookstream.reading import consumer
from bookstream.topics import BET_DECISIONS, BET_SETTLEMENTS, EXPOSURES, INCIDENTS, PARTITIONS, QUOTES
from domain.events.betting import BetDecision, bet_key
from domain.events.canonical import Incident
from domain.events.settlement import BetSettlement
from domain.events.trading import Exposure, Quote

FOLLOWED = (QUOTES.name, EXPOSURES.name, INCIDENTS.name, BET_DECISIONS.name, BET_SETTLEMENTS.name)


class Board:
    """Follows the topics in a thread of its own, as any application would: from outside, by Kafka alone."""

    def __init__(self, bootstrap: str) -> None:
        self.quotes: dict[str, Quote] = {}
        self.previous: dict[tuple[str, str], int] = {}
        self.exposures: dict[str, Exposure] = {}
        self.score: tuple[int, int] = (0, 0)
        self.decided: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.latest: deque[BetDecision] = deque(maxlen=5)
        self.answered: set[str] = set()
        self.settled: dict[str, BetSettlement] = {}
        self.corrected: set[str] = set()
        self._stop = threading.Event()
        self._consumer: Consumer = consumer(bootstrap)
        self._consumer.assign([TopicPartition(topic, p, 0) for topic in FOLLOWED for p in range(PARTITIONS)])
        self._thread = threading.Thread(target=self._follow, name="board", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop following and close the connection."""
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def open_quotes(self) -> list[Quote]:
        """Return the markets that take bets now."""
        return [quote for quote in list(self.quotes.values()) if quote.status == "OPEN"]

    def _follow(self) -> None:
        while not self._stop.is_set():
            for message in self._consumer.consume(500, timeout=0.05):
                value = message.value()
                if message.error() is None and value is not None:
                    self._take(str(message.topic()), value)

    def _take(self, topic: str, value: bytes) -> None:
        if topic == QUOTES.name:
            self._quote(decode(Quote, value))
        elif topic == EXPOSURES.name:
            exposure = decode(Exposure, value)
            self.exposures[exposure.market_id] = exposure
        elif topic == INCIDENTS.name:
            incident = decode(Incident, value)
            if incident.home_score is not None and incident.away_score is not None and not incident.late:
                self.score = (incident.home_score, incident.away_score)
        elif topic == BET_SETTLEMENTS.name:
            self._settlement(decode(BetSettlement, value))
        else:
            self._decision(decode(BetDecision, value))

    def _quote(self, quote: Quote) -> None:
        before = self.quotes.get(quote.market_id)
        if before is not None:
            for selection in before.selections:
                if selection.odds:
                    self.previous[quote.market_id, selection.selection_id] = selection.odds
        self.quotes[quote.market_id] = quote

    def _decision(self, decision: BetDecision) -> None:
        name = bet_key(decision.customer_id, decision.bet_id)
        if name in self.answered:
            return
        self.answered.add(name)
        self.decided[decision.outcome] += 1
        if decision.code:
            self.refused[decision.code] += 1
        self.latest.append(decision)

    def _settlement(self, settlement: BetSettlement) -> None:
        name = bet_key(settlement.customer_id, settlement.bet_id)
        before = self.settled.get(name)
        if before is not None and before.version >= settlement.version:
            return
        was_settled = before is not None and before.status in {"PROVISIONAL", "CONFIRMED"}
        if before is not None and was_settled and before.returned_minor != settlement.returned_minor:
            self.corrected.add(name)
        self.settled[name] = settlement
