{# The cadence features, in the order both marts give them. #}
{% macro cadence_columns() %}
    {{ return([
        'account_id', 'as_of', 'tenure_days', 'active_days_total', 'active_days_28', 'active_days_prev_28',
        'active_days_91', 'active_days_prev_91', 'active_days_365', 'events_28', 'events_prev_28', 'events_91',
        'usual_gap_days', 'gap_spread_days', 'gap_p90_days', 'gap_count', 'last_active_date', 'days_silent',
        'silence_ratio', 'overdue_days', 'expected_next_date', 'trend_ratio', 'same_weeks_last_year_active_days',
        'same_weeks_last_year_trend_ratio', 'decayed_events_7', 'decayed_events_28', 'decayed_events_91', 'kinds_28',
        'kinds_prev_28', 'people_active_28', 'people_active_prev_28', 'contact_count', 'seat_share',
        'champion_days_silent', 'champion_active_days_prev_91', 'champion_share_prev', 'first_14_active_days',
        'first_14_people', 'first_14_kinds', 'mrr_minor', 'mrr_change_91_share', 'price_rise_share_180',
        'days_since_price_rise', 'discount_share', 'spend_91_minor', 'spend_prev_91_minor', 'spend_365_minor',
        'failed_payments_91', 'failed_payments_28', 'late_payments_182', 'refunds_91_minor', 'open_invoices_overdue',
        'tickets_28', 'tickets_91', 'open_tickets', 'calls_91', 'days_to_renewal', 'is_annual', 'downgrades_182', 'seats',
    ]) }}
{% endmacro %}
