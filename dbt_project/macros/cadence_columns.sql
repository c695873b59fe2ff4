{# The cadence features, in the order both marts give them. #}
{% macro cadence_columns() %}
    {{ return([
        'account_id', 'as_of', 'tenure_days', 'active_days_total', 'active_days_28', 'active_days_prev_28',
        'active_days_91', 'active_days_prev_91', 'active_days_365', 'events_28', 'events_prev_28', 'events_91',
        'usual_gap_days', 'gap_spread_days', 'gap_p90_days', 'usual_gap_working_days',
        'gap_spread_working_days', 'gap_p90_working_days', 'gap_count', 'last_active_date', 'days_silent',
        'silent_working_days', 'working_days_a_week', 'open_share_28', 'silence_ratio', 'overdue_working_days',
        'expected_next_date', 'expected_next_earliest_date', 'expected_next_latest_date', 'trend_ratio',
        'same_weeks_last_year_active_days', 'same_weeks_last_year_trend_ratio', 'year_trend_ratio',
        'decayed_events_7', 'decayed_events_28', 'decayed_events_91', 'rest_day_share', 'usual_weekday',
        'usual_weekday_share', 'weekday_shift_28_share', 'usual_hour', 'hour_shift_28_hours', 'kinds_28',
        'kinds_prev_28', 'people_active_28', 'people_active_prev_28', 'contact_count', 'contacts_added_91',
        'contacts_removed_91', 'seat_share', 'champion_days_silent', 'champion_silent_working_days',
        'champion_is_gone', 'champion_active_days_prev_91', 'champion_share_prev', 'first_14_active_days',
        'first_14_people', 'first_14_kinds', 'second_person_age_days', 'third_person_age_days',
        'third_kind_age_days', 'fifth_active_day_age_days', 'mrr_minor', 'mrr_change_91_share',
        'price_rise_share_180', 'days_since_price_rise', 'discount_share', 'spend_91_minor',
        'spend_prev_91_minor', 'spend_365_minor', 'failed_payments_91', 'failed_payments_28',
        'late_payments_182', 'refunds_91_minor', 'open_invoices_overdue', 'tickets_28', 'tickets_91',
        'open_tickets', 'answer_days_91', 'calls_91', 'days_to_renewal', 'is_annual', 'downgrades_182', 'seats',
    ]) }}
{% endmacro %}
