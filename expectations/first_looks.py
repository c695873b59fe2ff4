"""Cheap questions about a mart whose yes spares a dear one: true only where the dear one would count nothing.

They look at hashes of keys. Equal keys have equal hashes, so a hash that comes once is a key that comes once; two keys
that share a hash make the answer no, and the dear question is asked after all.
"""

from __future__ import annotations


def keys_come_once(table: str, key: str) -> str:
    """A query that is true only where no two rows have the same key; nulls are a key like any other."""
    return f"select count(*) = count(distinct hash({key})) from {table}"


def months_come_once_and_follow(table: str, key: str, month: str, opening: str, closing: str) -> str:
    """A query that is true only where no key has a month twice, and each month opens as the one before it closed.

    Months are numbered through. Where no hash has a number twice, the row before one with the next number is of the
    same key, whatever other keys share its hash. Two days of one month, or no month, make the answer no.
    """
    return f"""
    select not coalesce(bool_or(
        previous is not distinct from number
        or previous + 1 = number and closed is distinct from {opening}
    ), false)
    from (
        select number, {opening}, lag(number) over months as previous, lag({closing}) over months as closed
        from (
            select hash({key}) as key_hash, 12 * year({month}) + month({month}) as number, {opening}, {closing}
            from {table}
        )
        window months as (partition by key_hash order by number)
    )
    """
