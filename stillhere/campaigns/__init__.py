"""The right message to the right person, once: lists, decisions, content, ledger use and senders."""
