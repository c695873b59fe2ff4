"""Handing a sealed night over: the ledger's states, the senders, and what keeps a message back."""
