"""Draws pictures in two processes. No Django here: a spawned process imports this module alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context

from marketplace.seeding.pictures import draw

Job = tuple[str, int, int]  # craft, seed, view
SIZE = (960, 1200)  # smaller than the pictures can be, so that the first start is quick


def draw_all(jobs: Sequence[Job]) -> Iterator[bytes]:
    """Each picture as a JPEG that a seller would upload, in order."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield from pool.map(draw_one, jobs)


def draw_one(job: Job) -> bytes:
    craft, seed, view = job
    file = BytesIO()
    draw(craft, seed=seed, view=view, size=SIZE).save(file, "JPEG", quality=88)
    return file.getvalue()
