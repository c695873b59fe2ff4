{# The ages, in days, at which the first days of an account are counted. #}
{% macro early_days() %}{{ return([7, 14, 30, 60]) }}{% endmacro %}

{# Within how many days of its life an account reaches a milestone: the longest that its first days are looked at. #}
{% macro milestone_days() %}{{ return(91) }}{% endmacro %}

{# What is counted of the first days. #}
{% macro early_habits() %}{{ return(['active_days', 'people', 'kinds']) }}{% endmacro %}

{# How much a stratum weighs in a difference of shares (Mantel and Haenszel; for differences Greenland and Robins 1985,
   Biometrics 41:55). Nothing where one of the two groups is missing. #}
{% macro stratum_weight(first_n, second_n) -%}
    (cast({{ first_n }} as double precision) * {{ second_n }} / nullif({{ first_n }} + {{ second_n }}, 0))
{%- endmacro %}

{# The two sums of the variance of that difference, which holds for few large strata and for many small ones:
   variance = (difference * sum(P) + sum(Q)) / sum(weight)^2 (Sato 1989, Biometrics 45:1323). #}
{% macro sato_p(first_x, first_n, second_x, second_n) -%}
    (
        (
            cast({{ first_n }} as double precision) * {{ first_n }} * {{ second_x }}
            - cast({{ second_n }} as double precision) * {{ second_n }} * {{ first_x }}
            + cast({{ first_n }} as double precision) * {{ second_n }} * ({{ second_n }} - {{ first_n }}) / 2.0
        ) / nullif(cast({{ first_n }} + {{ second_n }} as double precision) * ({{ first_n }} + {{ second_n }}), 0)
    )
{%- endmacro %}
{% macro sato_q(first_x, first_n, second_x, second_n) -%}
    (
        (
            cast({{ first_x }} as double precision) * ({{ second_n }} - {{ second_x }})
            + cast({{ second_x }} as double precision) * ({{ first_n }} - {{ first_x }})
        ) / nullif(2.0 * ({{ first_n }} + {{ second_n }}), 0)
    )
{%- endmacro %}

{# A stratum's part of the variance of sum(weight * difference) where nothing sets the two groups apart (Mantel and
   Haenszel 1959): whoever reached it is dealt out at random. #}
{% macro chance_variance(first_x, first_n, second_x, second_n) -%}
    (
        cast({{ first_n }} as double precision) * {{ second_n }} * ({{ first_x }} + {{ second_x }})
        * ({{ first_n }} + {{ second_n }} - {{ first_x }} - {{ second_x }})
        / nullif(
            cast({{ first_n }} + {{ second_n }} as double precision) * ({{ first_n }} + {{ second_n }})
            * ({{ first_n }} + {{ second_n }} - 1), 0
        )
    )
{%- endmacro %}

{# How many standard errors leave `tail` (at most 0.025) of a normal distribution above them. Acklam's approximation of the
   tail, right to 1e-8: no engine has the quantile itself. #}
{% macro normal_quantile_above(tail) -%}
    {%- set q = 'sqrt(-2.0 * ln(' ~ tail ~ '))' -%}
    (
        -(((((-7.784894002430293e-03 * {{ q }} - 3.223964580411365e-01) * {{ q }} - 2.400758277161838) * {{ q }}
        - 2.549732539343734) * {{ q }} + 4.374664141464968) * {{ q }} + 2.938163982698783)
        / ((((7.784695709041462e-03 * {{ q }} + 3.224671290700398e-01) * {{ q }} + 2.445134137142996) * {{ q }}
        + 3.754408661907416) * {{ q }} + 1.0)
    )
{%- endmacro %}

{# A share as whole per cent in words. #}
{% macro per_cent(share) -%}cast({{ to_minor(share ~ ' * 100') }} as varchar){%- endmacro %}
