"""What the border asks: dated rules, landed cost, stops."""

from __future__ import annotations

from listings.customs.door import DoorPrice, door_price
from listings.customs.duty import TariffSource
from listings.customs.landed_cost import landed_cost
from listings.customs.result import Certainty, Component, Kind, LandedCost, Payer
from listings.customs.rules import Rule, RuleBook, rulebook
from listings.customs.shipment import Line, Shipment
from listings.customs.stops import Stop, stopped

__all__ = [
    "Certainty",
    "Component",
    "DoorPrice",
    "Kind",
    "LandedCost",
    "Line",
    "Payer",
    "Rule",
    "RuleBook",
    "Shipment",
    "Stop",
    "TariffSource",
    "door_price",
    "landed_cost",
    "rulebook",
    "stopped",
]
