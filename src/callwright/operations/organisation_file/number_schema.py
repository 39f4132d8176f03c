"""The shape of an entry of the number inventory: a number or a range, and what it is for."""

from functools import cache
from typing import Annotated

from pydantic import AfterValidator, StrictStr, model_validator

from callwright.domains.numbers.model import NumberKind, NumberSource
from callwright.domains.numbers.states import Capability, capabilities_of
from callwright.domains.numbers.tags import BadTag, check_tag, has_tag
from callwright.kernel.limits.numbers import NUMBER_TAGS_MAX
from callwright.operations.organisation_file import values
from callwright.operations.organisation_file.refusal import refused
from callwright.operations.organisation_file.section import Section, empty, example


def _check_tag(text: str) -> str:
    try:
        check_tag(text)
    except BadTag as error:
        raise refused(str(error)) from None
    return text


def _check_tags(tags: list[str]) -> list[str]:
    if len(tags) > NUMBER_TAGS_MAX:
        raise refused(f"has {len(tags)} tags; write at most {NUMBER_TAGS_MAX}")
    for position, tag in enumerate(tags):
        if has_tag(tags[:position], tag):
            raise refused(f"{tag} is listed twice; leave one out", at=[position])
    return tags


Tag = Annotated[StrictStr, AfterValidator(_check_tag)]
Tags = Annotated[list[Tag], AfterValidator(_check_tags)]
CapabilityName = Annotated[
    StrictStr,
    values.one_of("no capability is called", [capability.value for capability in Capability]),
]


@cache
def _usual_capabilities(kind: str, source: str) -> frozenset[Capability]:
    return capabilities_of(NumberKind(kind), NumberSource(source), None)


class NumberPolicySettings(Section):
    caller_id: values.Reference | None = None


class NumberSettings(Section):
    number: values.Number | None = None
    range: values.RangeText | None = None
    kind: values.Kind = example("kind: user")
    source: values.Source = example("source: direct-routing")
    capabilities: Annotated[list[CapabilityName], values.Filled] | None = None
    country: values.Country | None = None
    city: values.Name | None = None
    location: values.Reference | None = None
    tags: Tags = empty(list)
    ported: bool = False
    reverse_lookup: values.ReverseLookup = "internal"
    policies: NumberPolicySettings = NumberPolicySettings.shared()

    @model_validator(mode="after")
    def _check_either(self) -> "NumberSettings":
        if (self.number is None) == (self.range is None):
            raise refused(
                'needs either a number or a range; write number: "+14255550101" or '
                'range: "+14255550101..+14255550119"'
            )
        return self

    @model_validator(mode="after")
    def _check_capabilities(self) -> "NumberSettings":
        if self.capabilities is not None and self.source == NumberSource.CALLING_PLAN.value:
            raise refused("has capabilities, which a calling plan's kind decides; leave them out")
        return self

    @property
    def capability_set(self) -> frozenset[Capability]:
        """For what the numbers may be used, stated or by default."""
        if self.capabilities is None:
            return _usual_capabilities(self.kind, self.source)
        stated = map(Capability, self.capabilities)
        return capabilities_of(NumberKind(self.kind), NumberSource(self.source), stated)

    @property
    def ends(self) -> tuple[str, str]:
        """First and last number, the same for a single one."""
        if self.range is not None:
            return values.split_range(self.range)
        assert self.number is not None, "validated above"
        return self.number, self.number
