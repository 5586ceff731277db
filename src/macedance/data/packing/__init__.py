"""Making MA-Data shards of published data sets and of folders of videos.

A source lists its recordings by their headers; a plan draws clips of them, and assigns them to splits and shards;
then each recording is read once and its clips are cut and encoded.
"""

from macedance.data.packing.aistpp import AistppSource
from macedance.data.packing.amass import AmassSource
from macedance.data.packing.finedance import FineDanceSource
from macedance.data.packing.pack import PackReport, pack
from macedance.data.packing.planning import Listing, PackJob, Plan, list_tracks, make_plan
from macedance.data.packing.settings import PackSettings
from macedance.data.packing.tracks import Source, Track
from macedance.data.packing.videos import VideoSource
from macedance.data.packing.windows import Window, WindowLengths

__all__ = [
    "AistppSource",
    "AmassSource",
    "FineDanceSource",
    "Listing",
    "PackJob",
    "PackReport",
    "PackSettings",
    "Plan",
    "Source",
    "Track",
    "VideoSource",
    "Window",
    "WindowLengths",
    "list_tracks",
    "make_plan",
    "pack",
]
