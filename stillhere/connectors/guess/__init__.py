"""Understands a company's exports without being told: delimiter, columns, dates, amounts, currency, zone."""
