-- depends_on: {{ ref('int_replaced_rows') }}
{{ generic_relation('coupons') }}
