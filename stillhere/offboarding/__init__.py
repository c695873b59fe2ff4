"""Leaving customers: the customer-facing web (unsubscribing, the provider's events, the goodbye) and exits of other tools."""
