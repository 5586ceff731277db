"""How large a report may become, unless told otherwise."""

MAX_MEGABYTES = 60.0
MAX_CLIPS = 24
