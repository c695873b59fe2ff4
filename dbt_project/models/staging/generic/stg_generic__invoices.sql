-- depends_on: {{ ref('int_replaced_rows') }}
with mapped as ({{ generic_relation('invoices') }})

select
    {% for column in relation_columns('invoices').keys() -%}
    {%- if column == 'status' -%}
    {{ known_status('status', {
        'paid': [
            'paid', 'settled', 'bezahlt', 'beglichen', 'payé', 'payée', 'paye', 'pagado', 'pagada', 'pagato', 'pagata', 'betaald',
            'zapłacona', 'betald', 'paga',
        ],
        'void': [
            'void', 'voided', 'canceled', 'cancelled', 'storniert', 'annulé', 'annulée', 'anulado', 'anulada', 'annullata',
            'geannuleerd', 'anulowana', 'makulerad',
        ],
        'draft': ['draft', 'entwurf', 'brouillon', 'borrador', 'bozza', 'concept', 'szkic', 'utkast'],
    }) }} as status
    {%- else -%}
    {{ column }}
    {%- endif %}{{ ',' if not loop.last }}
    {% endfor %}
from mapped
