"""What keeps a feed going: timeouts for each phase, retries, a circuit breaker, a bounded queue."""
