"""The only settings: read from the environment, loud on nonsense. `docs/operate.md` lists every variable.

`ENTREPOT_ENV` is `production` (the default), `demo` (set by `manage.py demo`) or `test` (set by pytest).
Nothing that is convenient in the demo is on in production by default.
"""

from __future__ import annotations

from marketplace.settings.api import *  # noqa: F403
from marketplace.settings.environment import BASE_DIR, DEMO, ENV, SANDBOX, TEST  # noqa: F401
from marketplace.settings.money import *  # noqa: F403
from marketplace.settings.servers import *  # noqa: F403
from marketplace.settings.site import *  # noqa: F403
