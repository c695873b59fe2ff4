{# What a month costs of a service that was billed for so many days: whole months, of 30.4375 days on average, or a part of one. #}
{% macro a_month_of(amount_minor, covered_days) -%}
    case
        when {{ covered_days }} between 27 and 32 then {{ amount_minor }}
        when {{ covered_days }} < 27 then {{ to_minor(amount_minor ~ ' * 30.4375 / ' ~ covered_days) }}
        else {{ to_minor('cast(' ~ amount_minor ~ ' as decimal(30, 8)) / ' ~ whole(covered_days ~ ' / 30.4375')) }}
    end
{%- endmacro %}
