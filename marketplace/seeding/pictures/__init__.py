from __future__ import annotations
from .studio import Scene, printed
from .clay import vase
def draw(craft, *, seed, view=0, size=(1200,1500)):
    scene = Scene(craft, seed, view, size[0]/1200)
    vase(scene)
    return printed(scene)
