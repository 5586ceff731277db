"""The commands, one a module: ``add_arguments`` and ``run``. They import what they need when they run."""
