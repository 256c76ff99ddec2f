"""Ingest's rows for BetsAPI: which of its ids were merged."""

import msgspec

from bookstream.delivery.api import Rows


class BetsApiMerge(msgspec.Struct, frozen=True):
    """An event's id that became another's; `noted_at` is when that was first heard."""

    to_id: str
    noted_at: int


BETSAPI_MERGES = Rows("betsapi_merge", BetsApiMerge)
BETSAPI_ROWS = (BETSAPI_MERGES,)
