{{ generic_relation('accounts') }}
