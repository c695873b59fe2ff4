{{ generic_relation('invoices') }}
