"""The parser of this provider's messages: one shape for every answer, chosen by the content type."""

from connectors.theoddsapi import flat, messages
from connectors.theoddsapi.messages import Answer
from domain.errors import ContractViolation
from domain.events.feeds import RawMessage

JSON = "application/json"


def parse_message(message: RawMessage) -> Answer:
    """Parse a message: a JSON answer, or a collector's flat rows.

    Raises:
        UndecodableInput: the bytes are not what the content type says.
        ContractViolation: they decode, but are no answer of this provider; or the content type is unknown.
    """
    if message.content_type == JSON:
        return messages.parse(message.payload)
    if message.content_type == flat.CONTENT_TYPE:
        return flat.parse(message.payload)
    raise ContractViolation(f"The Odds API has no content type {message.content_type[:60]!r}")
