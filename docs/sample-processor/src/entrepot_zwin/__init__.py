"""Zwin for Entrepôt. The entry point of the group `marketplace.processors` names `Zwin`."""

from __future__ import annotations

from entrepot_zwin.processor import Zwin

__all__ = ["Zwin"]
