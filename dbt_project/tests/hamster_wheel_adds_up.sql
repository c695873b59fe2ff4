-- The wheel's amounts add up to the cent in the reporting currency, accounts as well.
select month
from {{ ref('hamster_wheel') }}
where
    opening_mrr_minor + won_minor + expansion_minor + contraction_minor + correction_minor - lost_minor <> closing_mrr_minor
    or accounts_at_start + accounts_won + accounts_won_back - accounts_lost <> accounts_at_end
    or lost_to_payment_minor > lost_minor
    or expansion_minor < 0
    or contraction_minor > 0
