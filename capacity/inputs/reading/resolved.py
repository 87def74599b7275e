"""A scenario as it was run: from the plain data that a manifest keeps back to a record, and into YAML."""

import io
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML

from capacity.errors import InputError
from capacity.inputs.scenario import Scenario


def scenario_of(resolved: Mapping[str, Any], *, where: str) -> Scenario:
    """Return the scenario that data as `LoadedScenario.data`, with dates as text, describe.

    The message names the file that they stand in, `where`.

    Raises
    ------
    InputError
        It is not a scenario of this version.
    """
    try:
        return Scenario.model_validate(resolved)
    except ValidationError as error:
        what = "the scenario in it is not one of this version of capacity"
        wrong = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise InputError(f"{what}: {wrong[0]}{more}", where=where, fix="run the command again") from None


def as_yaml(data: Mapping[str, Any]) -> str:
    """Return plain data as YAML, in the order in which they are."""
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 100
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = io.StringIO()
    yaml.dump(_plain(data), text)
    return text.getvalue()


def _plain(value: Any) -> Any:  # noqa: ANN401 - any plain data
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
