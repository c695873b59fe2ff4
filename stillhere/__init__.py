"""Stillhere: sees every night which customers are slipping, and does the one right thing about it."""

__version__ = "0.1.0"
