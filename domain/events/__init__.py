"""The words of the system: one record type for each topic, in step with schemas/avro by a test.

Units everywhere: `*_at` microseconds since the epoch, UTC; `*_minor` minor units of `currency`; odds in
thousandths (2.5 is 2500); `line_milli` thousandths of a line (2.5 goals is 2500); probabilities in [0, 1].

Every event carries the same head: `event_id` (derived from what caused it, so that it is the same on
redelivery), `occurred_at` (the provider's time), `received_at`, `provider`, `provider_sequence` and
`source` (the record that caused it).
"""
