"""What is sharded, and what a rank has of it; with a group of one rank, or one that only believes in others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, distributed, nn
from torch.distributed.device_mesh import DeviceMesh, init_device_mesh
from torch.distributed.fsdp import FSDPModule, MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor
from torch.distributed.tensor.debug import CommDebugMode
from torch.testing._internal.distributed.fake_pg import FakeStore

from macedance.distributed import FSDP2Strategy
from macedance.distributed.sharding import fill_with_memory, shard_expert
from macedance.hashes import weights_hash
from macedance.models.appearance import sharded_loading
from macedance.models.appearance.fingerprint import base_fingerprint
from macedance.models.appearance.sharded_loading import empty_transformer, load_slices
from macedance.models.appearance.stages import prepare_stage
from macedance.models.appearance.tiny import tiny_backbone
from macedance.ops.sharded_tensors import copy_whole, local_part, local_slices, shard_like

from ..forks import Forks

CPU = torch.device("cpu")


@pytest.fixture
def alone() -> Iterator[DeviceMesh]:
    """A group of this process alone."""
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    yield init_device_mesh("cpu", (1,))
    distributed.destroy_process_group()


@pytest.fixture
def second_of_three() -> Iterator[DeviceMesh]:
    """A group whose other ranks do not exist: nothing can be sent."""
    distributed.init_process_group("fake", store=FakeStore(), rank=1, world_size=3)
    yield init_device_mesh("cpu", (3,))
    distributed.destroy_process_group()


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backbone")
    tiny_backbone().save_pretrained(folder, max_shard_size="100KB")
    assert len(list((folder / "transformer").glob("*.safetensors"))) > 1
    return folder


class Network(nn.Module):
    """Blocks of layers, and layers around them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 6)
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Linear(6, 6), nn.ModuleList([nn.Linear(6, 6)])) for _ in "ab"
        )
        self.register_buffer("table", torch.arange(3.0), persistent=False)


class Expert(nn.Module):
    """One that does not say what is sharded."""

    def __init__(self) -> None:
        super().__init__()
        self.network = Network()


def shard(expert: nn.Module, mesh: DeviceMesh) -> None:
    shard_expert(expert, precision=MixedPrecisionPolicy(), mesh=mesh)


def inputs() -> dict[str, Any]:
    random = torch.Generator().manual_seed(0)
    return {
        "hidden_states": torch.randn(1, 36, 4, 4, 4, generator=random),
        "timestep": torch.tensor([500.0]),
        "encoder_hidden_states": torch.randn(1, 10, 32, generator=random),
        "encoder_hidden_states_image": torch.randn(1, 17, 4, generator=random),
        "pose_hidden_states": torch.randn(1, 16, 3, 4, 4, generator=random),
        "face_pixel_values": torch.full((1, 3, 9, 16, 16), -1.0),
    }


@pytest.mark.parametrize("source", ["tiny", "files"])
def test_a_transformer_filled_from_slices_is_the_whole_one(
    alone: DeviceMesh, backbone: Path, source: str
) -> None:
    # With buffers that moving to a device wiped, of angles and of blur, the outputs would be others.
    path = "tiny" if source == "tiny" else backbone
    whole = tiny_backbone().transformer
    transformer = empty_transformer(path, dtype=torch.float32)
    assert all(parameter.is_meta for parameter in transformer.parameters())
    expert = nn.ModuleDict({"transformer": transformer})
    shard(expert, alone)
    fill_with_memory(expert, CPU, keep_parameters_on_cpu=False)
    load_slices(transformer, path)
    for name, buffer in whole.named_buffers():
        assert torch.equal(transformer.get_buffer(name), buffer), name
    with torch.no_grad():
        given = transformer(**inputs(), return_dict=False)[0]
        assert torch.equal(given, whole(**inputs(), return_dict=False)[0])


def test_a_backbone_keeps_float32_where_a_file_would(backbone: Path) -> None:
    transformer = empty_transformer(backbone, dtype=torch.bfloat16)
    loaded = type(transformer).from_pretrained(backbone, subfolder="transformer", torch_dtype=torch.bfloat16)
    types = {name: parameter.dtype for name, parameter in transformer.named_parameters()}
    assert types == {name: parameter.dtype for name, parameter in loaded.named_parameters()}
    assert set(types.values()) == {torch.bfloat16, torch.float32}


def test_no_rank_reads_or_holds_more_than_its_part(
    second_of_three: DeviceMesh, backbone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    num_read: dict[str, int] = {}
    whole = dict(tiny_backbone().transformer.named_parameters())

    class Reader:
        def __init__(self, name: str) -> None:
            self.name = name

        def get_shape(self) -> list[int]:
            return list(whole[self.name].shape)

        def __getitem__(self, slices: tuple[slice, ...]) -> Tensor:
            part = whole[self.name][slices].detach()
            num_read[self.name] = part.numel()
            return part

    monkeypatch.setattr(sharded_loading, "_open_files", lambda *args: {name: Reader(name) for name in whole})
    transformer = empty_transformer(backbone, dtype=torch.float32)
    prepare_stage(transformer, "aesthetic", lora_rank=4)
    expert = nn.ModuleDict({"transformer": transformer})
    shard(expert, second_of_three)
    fill_with_memory(expert, CPU, keep_parameters_on_cpu=False)
    load_slices(transformer, backbone)
    assert num_read.keys() == whole.keys()
    assert all(num_read[name] <= -(-len(tensor) // 3) * tensor[0].numel() for name, tensor in whole.items())
    for name, parameter in transformer.named_parameters():
        assert local_part(parameter).numel() <= -(-len(parameter) // 3) * parameter[0].numel(), name
    block = transformer.blocks[0].ffn.net[2].base_layer.weight
    assert torch.equal(local_part(block), whole["blocks.0.ffn.net.2.weight"][local_slices(block)])


def test_files_that_lack_a_tensor_are_refused(backbone: Path, tmp_path: Path) -> None:
    (tmp_path / "transformer").mkdir()
    for file in sorted((backbone / "transformer").iterdir())[:-2]:
        (tmp_path / "transformer" / file.name).write_bytes(file.read_bytes())
    transformer = empty_transformer(backbone, dtype=torch.float32)
    fill_with_memory(transformer, CPU, keep_parameters_on_cpu=False)
    with pytest.raises(ValueError, match="lacks"):
        load_slices(transformer, tmp_path)


def test_digests_of_shards_are_those_of_the_whole(alone: DeviceMesh) -> None:
    whole = tiny_backbone().transformer
    expected = base_fingerprint(whole), weights_hash(whole)
    shard(nn.ModuleDict({"transformer": whole}), alone)
    assert all(isinstance(parameter, DTensor) for parameter in whole.parameters())
    assert (base_fingerprint(whole), weights_hash(whole)) == expected


def test_by_default_each_block_is_a_group_and_the_rest_another(alone: DeviceMesh) -> None:
    expert = Expert()
    shard(expert, alone)
    groups = [name for name, module in expert.named_modules() if isinstance(module, FSDPModule)]
    assert groups == ["network", "network.blocks.0", "network.blocks.1"]
    assert all(isinstance(parameter, DTensor) for parameter in expert.parameters())


def test_a_parameter_that_would_stay_whole_is_named(alone: DeviceMesh) -> None:
    expert = Expert()
    expert.scale = nn.Parameter(torch.ones(2))
    with pytest.raises(ValueError, match="scale is whole"):
        shard(expert, alone)


def test_an_expert_without_parameters_is_refused(alone: DeviceMesh) -> None:
    with pytest.raises(ValueError, match=r"configs/trainer/ddp\.yaml"):
        shard(nn.Module(), alone)


def test_whole_tensors_are_cut_as_their_template(second_of_three: DeviceMesh) -> None:
    for size, expected in ((7, [3, 4, 5]), (2, [1]), (1, [])):
        whole = torch.arange(size)[:, None].expand(size, 2).double()
        made = shard_like(whole, _sharded(size, second_of_three))
        assert made.shape == whole.shape
        assert made.dtype == torch.float64
        assert local_part(made)[:, 0].tolist() == expected
        target = _sharded(size, second_of_three)
        copy_whole(target, whole)
        assert local_part(target)[:, 1].tolist() == expected


def _sharded(size: int, mesh: DeviceMesh) -> Tensor:
    layer = nn.Linear(2, size, bias=False)
    fully_shard(layer, mesh=mesh)
    return layer.weight


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"param_dtype": "half"}, "param_dtype must be one of"),
        ({"timeout_minutes": 0}, "timeout_minutes must be"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FSDP2Strategy(**options)


def test_nested_containers_are_sharded_by_what_they_hold(alone: DeviceMesh) -> None:
    expert = nn.Module()
    expert.downs = nn.ModuleList(
        [nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)]), nn.ModuleList([nn.Linear(2, 2)])]
    )
    expert.heads = nn.ModuleDict(
        {"one": nn.Linear(2, 2), "two": nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))}
    )
    shard(expert, alone)
    groups = {name for name, module in expert.named_modules() if isinstance(module, FSDPModule)}
    assert groups == {"downs.0.0", "downs.0.1", "downs.1.0", "heads.one", "heads.two"}


def test_a_parameter_of_two_groups_is_named(alone: DeviceMesh) -> None:
    expert = nn.ModuleDict({"encoder": nn.Embedding(4, 2), "decoder": nn.Linear(2, 4, bias=False)})
    expert["decoder"].weight = expert["encoder"].weight
    with pytest.raises(ValueError, match=r"encoder\.weight and decoder\.weight"):
        shard(expert, alone)


def test_what_the_networks_return_has_the_output_type(alone: DeviceMesh) -> None:
    expert = Expert()
    expert.head = nn.Linear(6, 2)
    policy = MixedPrecisionPolicy(param_dtype=torch.bfloat16, output_dtype=torch.float32)
    shard_expert(expert, precision=policy, mesh=alone)
    assert expert.head(torch.ones(1, 6)).dtype == torch.float32
    assert expert.network.blocks[0][0].weight.dtype == torch.float32


def test_a_tensor_of_another_shape_is_refused(second_of_three: DeviceMesh) -> None:
    target = _sharded(4, second_of_three)
    for shape in ((8, 2), (1, 2), (4, 3)):
        with pytest.raises(ValueError, match=r"must be of the shape \(4, 2\)"):
            copy_whole(target, torch.ones(shape))


def test_the_fingerprint_gathers_no_weights(alone: DeviceMesh) -> None:
    whole = tiny_backbone().transformer
    shard(nn.ModuleDict({"transformer": whole}), alone)
    with CommDebugMode() as seen:
        base_fingerprint(whole)
    assert seen.get_total_counts() <= 2  # of the digest's own few values, however many parameters there are


@pytest.mark.distributed
def test_all_ranks_begin_with_the_weights_of_the_first(forks: Forks) -> None:
    for rank in forks.start_ranks(2, Path(__file__).with_name("send_weights.py")):
        assert rank.wait() == 0, rank.output.read_text()
