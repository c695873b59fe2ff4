{# The account model's columns and their types: what staging gives, whatever the vendor. #}
{% macro relation_columns(relation) %}
    {% set columns = {
        'accounts': {
            'account_id': 'text', 'account_name': 'text', 'created_at': 'time', 'owner_email': 'text',
            'country': 'text', 'timezone': 'text', 'plan': 'text', 'channel': 'text', 'seats': 'count',
            'is_internal': 'flag',
        },
        'contacts': {
            'contact_id': 'text', 'account_id': 'text', 'email': 'text', 'first_name': 'text', 'locale': 'text',
            'timezone': 'text', 'marketing_consent': 'flag', 'consent_at': 'time', 'role': 'text', 'is_active': 'flag',
            'added_at': 'time', 'removed_at': 'time',
        },
        'subscriptions': {
            'subscription_id': 'text', 'account_id': 'text', 'valid_from': 'time', 'valid_to': 'time',
            'mrr_minor': 'minor', 'currency': 'text', 'status': 'text', 'cancel_requested_at': 'time',
            'ends_at': 'time', 'plan': 'text', 'seats': 'count', 'is_annual': 'flag', 'discount_share': 'number',
        },
        'invoices': {
            'invoice_id': 'text', 'account_id': 'text', 'issued_at': 'time', 'due_at': 'time', 'paid_at': 'time',
            'amount_minor': 'minor', 'refunded_minor': 'minor', 'currency': 'text', 'status': 'text',
            'covers_from': 'day', 'covers_to': 'day', 'coupon': 'text', 'discount_minor': 'minor',
        },
        'activity': {
            'account_id': 'text', 'contact_id': 'text', 'occurred_at': 'time', 'known_at': 'time', 'kind': 'text',
            'value': 'number', 'source': 'text', 'row_id': 'text', 'load_id': 'text',
        },
        'exits': {
            'account_id': 'text', 'requested_at': 'time', 'effective_at': 'time', 'reason': 'text',
            'comment': 'text', 'offer': 'text', 'outcome': 'text',
        },
        'coupons': {'code': 'text', 'valid_from': 'time', 'redeem_by': 'time', 'is_active': 'flag'},
        'account_keys': {'account_key': 'text', 'account_id': 'text'},
    } %}
    {{ return(columns[relation]) }}
{% endmacro %}

{# The SQL type of a kind of column. #}
{% macro sql_type(kind) %}
    {% set types = {
        'text': 'varchar', 'time': 'timestamp', 'number': 'double precision', 'minor': 'bigint', 'flag': 'boolean',
        'count': 'bigint', 'day': 'date',
    } %}
    {{ return(types[kind]) }}
{% endmacro %}

{# A relation of the account model without rows: what a company gets for data it doesn't have. #}
{% macro typed_empty(relation) %}
    select
        {% for column, kind in relation_columns(relation).items() -%}
            cast(null as {{ sql_type(kind) }}) as {{ column }}{{ "," if not loop.last }}
        {% endfor %}
    where false
{% endmacro %}

{# One relation of the account model from every vendor in use that gives it. #}
{% macro union_sources(relation, vendors_with_it) %}
    {% for vendor in vendors_with_it if vendor in var('vendors') or vendor == 'generic' %}
        select {{ relation_columns(relation).keys() | join(', ') }}
        from {{ ref('stg_' ~ vendor ~ '__' ~ relation) }}
        union all
    {% endfor %}
    {{ typed_empty(relation) }}
{% endmacro %}

{# What counts as the customer's own habit: not what billing, support or we did. #}
{% macro is_habit(kind) -%}
    ({{ kind }} not in ('ticket', 'ticket_answered', 'ticket_closed', 'call', 'payment_failed', 'refund', 'mail_open', 'mail_click'))
{%- endmacro %}
