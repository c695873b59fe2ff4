"""Times and numbers in every way that people and programs write them, and what is none."""

from __future__ import annotations

FORMATS = (
    *("iso", "%d.%m.%Y | iso", "%d.%m.%Y", "%m/%d/%y", "%Y%m%d", "%d-%b-%Y", "%B %d, %Y", "%d.%m.%Y %H:%M:%S"),
    *(
        "%d.%m.%Y %I:%M %p",
        "%d.%m.%Y, %H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S%z",
        "epoch_seconds",
        "epoch_milliseconds",
        "excel_days",
    ),
)
TEXTS = (
    *("2026-01-31", "2026-1-5", "2026/01/05", "2026-01/05", "2026-01-05T10:00", "2026-01-05 1:2:3", "2026-01-05 10"),
    *("2026-01-05 10:00:00.1234567", "2026-01-05 10:00:00.", "2026-01-05 10:00:00,5", "2026-01-05 10:00Z"),
    *("2026-01-05 10:00:00Z", "2026-01-05 10:00:00 Z", "2026-01-05 10:00:00+02", "2026-01-05T10:00:00-02:30"),
    *("2026-01-05 10:00:00+0545", "2026-02-30", "2026-02-29", "2024-02-29", "2026-13-01", "2026-00-10", "2026-01-05T"),
    *(
        "2026-01-05 23:59:60",
        "2026-01-05 25:00",
        "2026-01-05 10:00:00 PM",
        "infinity",
        "now",
        "today",
        "epoch",
        "Infinity",
        "",
    ),
    # Hours that a change of the clock leaves out or repeats.
    *("2026-03-08 02:30:00", "2026-11-01 01:30:00", "2026-03-29 02:30:00", "29.03.2026", "25.10.2026 02:30:00"),
    *("1.4.2026", "31.02.2026", "001.04.2026", "0.04.2026", "01.04.26", "01.04.12026", "01.04.2026 ", " 01.04.2026"),
    *("04/01/26", "04/01/68", "04/01/69", "13/01/26", "20260401", "2026041", "20261301", "1-apr-2026", "01-Mai-2026"),
    *("April 1, 2026", "APRIL 1, 2026", "Apr 1, 2026", "01.04.2026 09:05:00", "01.04.2026  9:5:0", "1.4.2026 24:00:00"),
    *("01.04.2026 12:30 am", "01.04.2026 12:30 PM", "01.04.2026 13:30 PM", "01.04.2026 0:30 PM", "01.04.2026 9:30"),
    *("01.04.2026, 10:00:00.5", "01.04.2026, 10:00:00.123456", "01.04.2026, 10:00:00.1234567", "O'Brien", "100 %"),
    *("2026-02-01T10:00:00+0200", "2026-02-01T10:00:00-02:30", "2026-02-01T10:00:00+02", "2026-02-01T10:00:00Z"),
    *("1775030400", "1775030400123", "-86400", "99999999999999999999", "1775030400.5", "17850.0", "12.50", "1.234,56"),
    *("1,234.56", "€ -5,00", "-", "--1", "1-", "1.2.3", "+7", ".5", "5.", "0.005", "0.015", "-0.005", "1e3", "1_000"),
    *(
        "9999999999999999999999",
        "12345678901234567890123",
        "half",
        "Fr.1,250.00",
        "kr. 12.50",
        "½",
        "\tx",
        "JÖRG",
        "ja",
        "SÍ",
        "nan",
        "NULL",
        r"\N",
    ),
)


def readings_of_every_text() -> list[str]:
    """Mappings of sources.yml: every text is read in every format, and as a number with either decimal mark."""
    times = [
        f"""
          - to: exits
            columns:
              account_id: {{from: id}}
              requested_at: {{from: text, format: "{form}"}}
              effective_at: {{from: text, format: "{form}", zone: UTC}}
              comment: {{from: text}}
              reason: {{value: "{form}"}}"""
        for form in FORMATS
    ]
    numbers = [
        f"""
          - to: invoices
            columns:
              account_id: {{from: id}}
              invoice_id: {{from: text}}
              issued_at: {{from: text}}
              amount_minor: {{from: text, unit: {unit}, decimal: "{mark}"}}
              currency: {{from: text}}
              status: {{value: "{unit} {mark}"}}"""
        for mark in ".,"
        for unit in ("major", "minor")
    ]
    return times + numbers
