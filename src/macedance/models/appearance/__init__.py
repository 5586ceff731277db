"""The Appearance Expert's parts around Wan-Animate: what goes in, what trains, what comes out."""

import logging

# diffusers asks for a class whose PIL variant, which needs no torchvision, does as well; nobody can act upon that.
logging.getLogger("transformers.utils.import_utils").addFilter(
    lambda record: "requires torchvision" not in record.getMessage()
)
