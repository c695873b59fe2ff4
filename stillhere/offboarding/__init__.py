"""Leaving customers: the pages they see, the mail provider's events, and exits that other tools have recorded."""
