"""The customer-facing web: unsubscribing, the mail provider's events, the goodbye. It writes to operations only."""
