"""Providers of exchange: who carries out the trades of netting windows."""
