"""The payment provider that the settings name."""

from bookstream.settings import PREFIX, Settings
from connectors.payments.contract import PaymentProvider
from connectors.payments.sandbox import Sandbox, SandboxOptions
from domain.errors import Misconfigured


def provider(settings: Settings) -> PaymentProvider:
    """Return the payment provider's client.

    Raises:
        Misconfigured: its address, its key or the secret of its webhooks is not set.
    """
    key, secrets = settings.payments_key, settings.payments_webhook_secrets
    if not settings.payments_url or not key or not secrets:
        raise Misconfigured(
            f"no payment provider: set {PREFIX}PAYMENTS_URL, {PREFIX}PAYMENTS_KEY and {PREFIX}PAYMENTS_WEBHOOK_SECRETS"
        )
    signed_with = tuple(each.strip().encode() for each in secrets.get_secret_value().split(",") if each.strip())
    return Sandbox(
        SandboxOptions(base_url=settings.payments_url, key=key.get_secret_value(), webhook_secrets=signed_with)
    )
