{{ generic_relation('subscriptions') }}
