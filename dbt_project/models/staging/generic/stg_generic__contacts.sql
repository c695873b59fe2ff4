{{ generic_relation('contacts') }}
