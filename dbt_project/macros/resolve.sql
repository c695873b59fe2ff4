{# Joins the one account behind any vendor's spelling; `resolved_account(alias)` names it. #}
{% macro join_account(alias) %}
    left join {{ ref('int_account_keys') }} as account_keys on account_keys.account_key = {{ alias }}.account_id
{% endmacro %}
{% macro resolved_account(alias) %}coalesce(account_keys.account_id, {{ alias }}.account_id){% endmacro %}
