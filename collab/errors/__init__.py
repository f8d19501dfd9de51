"""Rejections: why a command or query was not carried out, as data.

- `Malformed`: an input is not valid.
- `Unknown`: something does not exist, or the caller may not know of it.
- `NotAllowed`: the caller may not do this.
- `Conflict`: the state does not allow this, or not any more.
"""

# Each module defines nothing but rejections, and all of them are exported here.
from collab.errors.access import *  # noqa: F403
from collab.errors.access_requests import *  # noqa: F403
from collab.errors.base import *  # noqa: F403
from collab.errors.billing import *  # noqa: F403
from collab.errors.channels import *  # noqa: F403
from collab.errors.handovers import *  # noqa: F403
from collab.errors.invitations import *  # noqa: F403
from collab.errors.memberships import *  # noqa: F403
from collab.errors.people import *  # noqa: F403
from collab.errors.resources import *  # noqa: F403
from collab.errors.settings import *  # noqa: F403
from collab.errors.teams import *  # noqa: F403
