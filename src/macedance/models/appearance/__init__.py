"""The Appearance Expert's parts around Wan-Animate: what goes in, what trains, what comes out."""
