"""Replaces the product's functions in every process of the site whose settings name this app."""

from __future__ import annotations

import os

from django.apps import AppConfig

from tests.chaos.naive import patches


class Naive(AppConfig):
    name, label = "tests.chaos.naive", "naive"

    def ready(self) -> None:
        for where, name, by in patches(os.environ["NAIVE"]):
            setattr(where, name, by)
