{{ generic_relation('exits') }}
