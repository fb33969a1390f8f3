"""Pictures of the demo's goods, drawn by code: no photographer, no licence, always the same.

A picture is a still life in a studio. The seed decides dyes, pattern and proportions of the
listing; view 0 shows the whole thing, view 1 a detail, view 2 another arrangement."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Final

from PIL import Image

from .animals import animal
from .baskets import basket
from .beads import necklace
from .brass import clock
from .chess import chess
from .clay import cups, vase
from .copper import pot
from .cushions import cushion
from .felt import slippers
from .frame import HEIGHT, WIDTH
from .lamp import lamp
from .leather import satchel
from .paperwork import notebook
from .soap import soap
from .spoons import spoons
from .studio import Scene, printed
from .tea import caddy
from .textiles import scarf, throw
from .wax import candles

PAINTERS: Final[dict[str, Callable[[Scene], None]]] = {
    "block-print-scarf": scarf,
    "handloom-throw": throw,
    "kilim-cushion": cushion,
    "glazed-vase": vase,
    "stoneware-cups": cups,
    "brass-clock": clock,
    "brass-lamp": lamp,
    "copper-pot": pot,
    "wooden-spoons": spoons,
    "chess-set": chess,
    "paper-notebook": notebook,
    "bead-necklace": necklace,
    "tea-caddy": caddy,
    "leather-satchel": satchel,
    "basket": basket,
    "carved-animal": animal,
    "felt-slippers": slippers,
    "candles": candles,
    "soap": soap,
}

CRAFTS: Final[tuple[str, ...]] = tuple(PAINTERS)
VIEWS: Final = 3


def draw(craft: str, *, seed: int, view: int = 0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """A picture (RGB, upright 4:5) that depends on its arguments alone.

    Raises ValueError for an unknown craft, a view outside 0..2 or a size that is not 4:5."""
    if craft not in PAINTERS:
        raise ValueError(f"No craft {craft!r}. Known: {', '.join(CRAFTS)}.")
    if not 0 <= view < VIEWS:
        raise ValueError(f"No view {view}: a listing has views 0 to {VIEWS - 1}.")
    if size[0] * 5 != size[1] * 4 or size[0] < 80:
        raise ValueError(f"Size {size} is not 4:5, or narrower than 80 pixels. Try (1200, 1500).")
    scene = Scene(craft, seed, view, size[0] / WIDTH)
    PAINTERS[craft](scene)
    return printed(scene)


def as_jpeg(craft: str, *, seed: int, view: int) -> bytes:
    """What a seller would upload: a JPEG of 1200 by 1500, below 1 MB."""
    file = BytesIO()
    draw(craft, seed=seed, view=view).save(file, "JPEG", quality=88, optimize=True)
    return file.getvalue()


__all__ = ["CRAFTS", "VIEWS", "as_jpeg", "draw"]
