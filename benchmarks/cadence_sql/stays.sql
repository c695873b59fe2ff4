-- Until when each account has stayed.
select account, max(ends) as ends from bills group by account
