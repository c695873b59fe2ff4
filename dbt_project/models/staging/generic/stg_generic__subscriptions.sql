-- depends_on: {{ ref('int_replaced_rows') }}
with mapped as ({{ generic_relation('subscriptions') }}),

named as (
    select
        mapped.*,
        {{ known_status('mapped.status', {
            'canceled': [
                'canceled', 'cancelled', 'ended', 'expired', 'terminated', 'churned', 'inactive', 'gekündigt', 'gekuendigt',
                'beendet', 'inaktiv', 'résilié', 'resilie', 'annulé', 'inactif', 'cancelado', 'cancelada', 'baja', 'inactivo',
                'disdetto', 'cessato', 'opgezegd', 'beëindigd', 'inactief', 'zakończona', 'uppsagd', 'avslutad',
            ],
            'trialing': ['trial', 'trialing', 'probe', 'essai', 'prueba', 'prova', 'proef'],
            'paused': ['paused', 'pausiert', 'en pause', 'pausado', 'gepauzeerd'],
        }) }} as known_status,
        -- Where nobody wrote down the end of a cancelled contract, it ended when it was to, or when that was asked for.
        coalesce(mapped.ends_at, mapped.cancel_requested_at) as stated_end
    from mapped
)

select
    {% for column in relation_columns('subscriptions').keys() -%}
    {%- if column == 'valid_to' -%}
    coalesce(valid_to, case when known_status = 'canceled' then stated_end end) as valid_to
    {%- elif column == 'status' -%}
    -- Today's status says nothing of the days before: a contract that ended was in force until then.
    case when known_status = 'canceled' and coalesce(valid_to, stated_end) is not null then 'active' else known_status end as status
    {%- else -%}
    {{ column }}
    {%- endif %}{{ ',' if not loop.last }}
    {% endfor %}
from named
