{{ generic_relation('activity') }}
