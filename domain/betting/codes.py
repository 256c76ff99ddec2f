"""Why a bet, or a leg of it, was refused or reduced: a closed set.

A code is a contract: it never changes its meaning.
"""

from domain.coded import Coded


class Code(Coded):
    """A coded reason; its value is what events carry in `code` (empty when all is well)."""

    TOKEN_MISSING = "TOKEN_MISSING", "the request carries no token"
    TOKEN_INVALID = "TOKEN_INVALID", "the token is malformed, wrongly signed, of an unknown key, or not yet valid"
    TOKEN_EXPIRED = "TOKEN_EXPIRED", "the token had expired when the request was received"
    TOKEN_OTHER_CUSTOMER = "TOKEN_OTHER_CUSTOMER", "the token is another customer's"

    ACCOUNT_UNKNOWN = "ACCOUNT_UNKNOWN", "this customer has no account"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH", "the bet is not in the account's currency"
    INSUFFICIENT_BALANCE = "INSUFFICIENT_BALANCE", "the stake is above the balance after reservations"

    STAKE_NOT_POSITIVE = "STAKE_NOT_POSITIVE", "the stake is zero or below"
    STAKE_BELOW_MINIMUM = "STAKE_BELOW_MINIMUM", "the stake is below the smallest that is taken"
    STAKE_ABOVE_LIMIT = "STAKE_ABOVE_LIMIT", "the stake is above the largest that is taken here"
    PAYOUT_ABOVE_LIMIT = "PAYOUT_ABOVE_LIMIT", "the bet could pay more than the largest payout"
    TOO_MANY_LEGS = "TOO_MANY_LEGS", "the slip has more legs than one bet may have"
    NO_LEGS = "NO_LEGS", "the slip has no leg"
    BET_TYPE_INVALID = "BET_TYPE_INVALID", "the type of bet does not fit the legs of the slip"
    TOO_MANY_LINES = "TOO_MANY_LINES", "the type of bet has more lines than one bet may have"
    EACH_WAY_NOT_OFFERED = "EACH_WAY_NOT_OFFERED", "the house quotes no place terms for a leg of an each-way bet"
    BONUS_INSUFFICIENT = "BONUS_INSUFFICIENT", "the stake of a free bet is above the bonus"
    LEGS_RELATED = "LEGS_RELATED", "two legs depend on each other, so their odds do not multiply"
    ODDS_INVALID = "ODDS_INVALID", "the odds are not above 1 or are beyond what the house quotes"

    FIXTURE_UNKNOWN = "FIXTURE_UNKNOWN", "the book does not know this fixture"
    MARKET_UNKNOWN = "MARKET_UNKNOWN", "the book does not know this market, or it is not of this fixture"
    SELECTION_UNKNOWN = "SELECTION_UNKNOWN", "the market has no such selection"
    MARKET_SUSPENDED = "MARKET_SUSPENDED", "the market is suspended"
    MARKET_CLOSED = "MARKET_CLOSED", "the market is closed"
    SELECTION_NOT_OFFERED = "SELECTION_NOT_OFFERED", "the selection is not offered now"
    FEED_DOWN = "FEED_DOWN", "the feed behind the market is down"
    QUOTE_EXPIRED = "QUOTE_EXPIRED", "the house's quote has passed its expiry"
    QUOTE_STALE = "QUOTE_STALE", "the quote that the customer saw is too old to bet on"

    ODDS_CHANGED = "ODDS_CHANGED", "the odds are no longer those asked, and the customer takes no others"
    ODDS_SHORTENED = "ODDS_SHORTENED", "the odds are lower than asked, and the customer takes only the same or better"

    MARKET_LIABILITY = "MARKET_LIABILITY", "the market's worst case would pass its cap"
    SELECTION_LIABILITY = "SELECTION_LIABILITY", "the selection's liability would pass its cap"
    CUSTOMER_LIABILITY = "CUSTOMER_LIABILITY", "what this customer could win would pass its cap"

    TIMEOUT = "TIMEOUT", "no decision was reached in time"
    OTHER_LEG_REFUSED = "OTHER_LEG_REFUSED", "the leg itself was good, another leg of the bet was not"

    CASH_OUT_UNKNOWN = "CASH_OUT_UNKNOWN", "the house made no such cash-out quote for this bet"
    CASH_OUT_EXPIRED = "CASH_OUT_EXPIRED", "the cash-out quote has passed its expiry"
    CASH_OUT_MOVED = "CASH_OUT_MOVED", "the bet is worth less now than the cash-out quote by more than is tolerated"
    CASH_OUT_BET_CHANGED = "CASH_OUT_BET_CHANGED", "a leg was settled or a part cashed out since the cash-out quote"
    CASH_OUT_UNAVAILABLE = (
        "CASH_OUT_UNAVAILABLE",
        "nothing of the bet is left to cash out, or an open leg is not offered now",
    )
    CASH_OUT_PART_INVALID = "CASH_OUT_PART_INVALID", "the part is not of the stake, or does not divide over the lines"
