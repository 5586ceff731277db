"""Pictures of motion: a lit body on a floor, contact sheets, and video files."""
