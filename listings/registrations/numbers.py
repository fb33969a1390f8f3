"""Whether a number can be one of its scheme: by check digits where the scheme has them, else by its shape.

That a number can be right does not say that it is: nobody is asked here. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import stdnum.au.abn
import stdnum.br.cnpj
import stdnum.ch.vat
import stdnum.cl.rut
import stdnum.cn.uscc
import stdnum.eu.oss
import stdnum.gb.vat
import stdnum.jp.cn
import stdnum.nz.ird
import stdnum.sg.uen
from stdnum.exceptions import ValidationError
from stdnum.util import clean


@dataclass(frozen=True, slots=True)
class Format:
    """How a scheme writes its numbers. `read` gives the plain form or raises stdnum's ValidationError; `example` is
    shown to whoever wrote another one.
    """

    read: Callable[[str], str]
    example: str


class WrongNumber(ValueError):
    """The number cannot be one of the scheme; `example` is one that could."""

    def __init__(self, example: str) -> None:
        super().__init__(example)
        self.example = example


def shape(pattern: str) -> Callable[[str], str]:
    def read(number: str) -> str:
        plain = clean(number, " -.").upper().strip()
        if not re.fullmatch(pattern, plain):
            raise ValidationError
        return plain

    return read


def _either(*readers: Callable[[str], str]) -> Callable[[str], str]:
    def read(number: str) -> str:
        for reader in readers:
            try:
                return reader(number)
            except ValidationError:
                continue
        raise ValidationError

    return read


def _ioss(number: str) -> str:
    """Only `IM…` collects import tax: `EU…` is the non-Union scheme, `IN…` an intermediary's own."""
    plain: str = stdnum.eu.oss.validate(number)
    if not plain.startswith("IM"):
        raise ValidationError
    return plain


def _japan(number: str) -> str:
    plain = clean(number, " -").upper().strip()
    if not plain.startswith("T"):
        raise ValidationError
    return "T" + str(stdnum.jp.cn.validate(plain[1:]))


# The simplified registrations of Australia (ARN) and Singapore (M…) and those of Norway and Malaysia publish no check
# digit: their shape is all that can be looked at.
FORMATS = {
    "IOSS": Format(_ioss, "IM2760000009"),
    "UK-POS": Format(stdnum.gb.vat.validate, "GB 980 7806 84"),
    "VOEC": Format(shape(r"\d{7}"), "2012345"),
    "CH-MAIL": Format(stdnum.ch.vat.validate, "CHE-107.787.577 MWST"),
    "AU-LVIG": Format(_either(stdnum.au.abn.validate, shape(r"\d{12}")), "51 824 753 556"),
    "NZ-LVG": Format(stdnum.nz.ird.validate, "49-091-850"),
    "SG-OVR": Format(_either(stdnum.sg.uen.validate, shape(r"M[A-Z0-9]\d{7}[A-Z0-9]")), "M90370112A"),
    "CL-IVA": Format(stdnum.cl.rut.validate, "12.531.909-2"),
    "BR-RC": Format(stdnum.br.cnpj.validate, "16.727.230/0001-97"),
    "CN-CBEC": Format(stdnum.cn.uscc.validate, "91110000600037341L"),
    "JP-JCT": Format(_japan, "T5835678256246"),
}
OTHER = Format(shape(r"[A-Z0-9/_]{4,30}"), "123456789")


def read_number(scheme: str, number: str) -> str:
    """The number in its plain form; WrongNumber when it cannot be one of `scheme`."""
    form = FORMATS.get(scheme, OTHER)
    try:
        return form.read(number)
    except ValidationError as error:
        raise WrongNumber(form.example) from error
