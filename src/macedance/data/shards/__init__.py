"""MA-Data shards: tar files of samples that any webdataset reader can read, their indices and manifest.

A sample is the files of one key: ``KEY.json``, ``KEY.motion.npz``, ``KEY.music.npy``, ``KEY.audio.flac``,
``KEY.video.mp4`` ...
"""

from macedance.data.shards.index import ShardError, ShardIndex, read_index, scan_shard
from macedance.data.shards.locations import ShardLocation, Shards, list_shards, locate_shards
from macedance.data.shards.manifest import MANIFEST, Manifest, read_manifest, write_manifest
from macedance.data.shards.members import decode_member, encode_sample
from macedance.data.shards.reader import OpenShard, ShardReader, read_shards
from macedance.data.shards.writing import write_shard

__all__ = [
    "MANIFEST",
    "Manifest",
    "OpenShard",
    "ShardError",
    "ShardIndex",
    "ShardLocation",
    "ShardReader",
    "Shards",
    "decode_member",
    "encode_sample",
    "list_shards",
    "locate_shards",
    "read_index",
    "read_manifest",
    "read_shards",
    "scan_shard",
    "write_manifest",
    "write_shard",
]
