"""What a camera and the detector are told, device by device: typed, checked, as JSON. Pure."""

from pivision.config.config import RANGES, Cadence, Config, Region, RegionKind, Tuning, from_json, to_json

__all__ = ["RANGES", "Cadence", "Config", "Region", "RegionKind", "Tuning", "from_json", "to_json"]
