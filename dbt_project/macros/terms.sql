{# Whether a contract's row is in force on a day: from its first day to the one before its end. #}
{% macro in_force_on(day, contract) -%}
    (
        {{ contract }}.status <> 'canceled'
        and {{ contract }}.valid_from_date <= {{ day }}
        and ({{ contract }}.valid_to_date is null or {{ contract }}.valid_to_date > {{ day }})
    )
{%- endmacro %}

{# Whether all of an account's contracts are to end, as asked for by a day: a later request is not known yet. #}
{% macro is_cancelling(day) -%}
    bool_and(cancel_requested_date is not null and cancel_requested_date <= {{ day }})
{%- endmacro %}
