with coupons as ({{ union_sources('coupons', ['generic']) }}),

spelled as (
    select
        trim(code) as code,
        coalesce(is_active, true) as is_active,
        {{ company_date('valid_from') }} as valid_from_date,
        {{ company_date('redeem_by') }} as redeem_by_date
    from coupons
),

-- A code may be given anew once its coupon is over: the one that works counts, of several the one that lasts longest.
ranked as (
    select
        code,
        is_active,
        valid_from_date,
        redeem_by_date,
        row_number() over (
            partition by code
            order by
                case when is_active then 0 else 1 end,
                case when redeem_by_date is null then 0 else 1 end,
                redeem_by_date desc,
                case when valid_from_date is null then 0 else 1 end,
                valid_from_date
        ) as code_rank
    from spelled
    where code <> ''
)

select
    code,
    is_active,
    valid_from_date,
    redeem_by_date
from ranked
where code_rank = 1
