"""The parameters that a job's configuration declares: exported, defaulted, checked."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fake_jenkins.exported import Plain, deep, names, plain
from tests.fake_jenkins.xml_tree import Node

names("parameterDefinitions", "defaultParameterValue", "value", "type", "choices")
_KINDS = {
    "hudson.model.StringParameterDefinition": "hudson.model.StringParameterValue",
    "hudson.model.TextParameterDefinition": "hudson.model.TextParameterValue",
    "hudson.model.ChoiceParameterDefinition": "hudson.model.StringParameterValue",
    "hudson.model.BooleanParameterDefinition": "hudson.model.BooleanParameterValue",
    "hudson.model.PasswordParameterDefinition": "hudson.model.PasswordParameterValue",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter."""

    kind: str
    name: str
    description: str | None
    default: str
    choices: tuple[str, ...]

    @property
    def value_class(self) -> str:
        return _KINDS[self.kind]

    def value(self, text: str) -> object:
        return text.lower() == "true" if self.kind == "hudson.model.BooleanParameterDefinition" else text


def declared(root: Node) -> list[Parameter]:
    """Return the parameters of a configuration, in order."""
    properties = root.child("properties") or Node("")
    held = properties.child("hudson.model.ParametersDefinitionProperty") or Node("")
    definitions = held.child("parameterDefinitions") or Node("")
    return [_parameter(each) for each in definitions.children if each.tag in _KINDS]


def _parameter(node: Node) -> Parameter:
    choices = tuple(each.text for each in (node.child("choices") or Node("")).all("string"))
    default = node.text_of("defaultValue") or (choices[0] if choices else "")
    if node.tag == "hudson.model.BooleanParameterDefinition":
        default = "true" if default.lower() == "true" else "false"
    return Parameter(node.tag, node.text_of("name") or "", node.text_of("description"), default, choices)


def _exported(parameter: Parameter) -> Plain:
    value = deep(parameter.value_class, name=parameter.name, value=parameter.value(parameter.default))
    fields: dict[str, object] = {
        "defaultParameterValue": value,
        "description": parameter.description or "",
        "name": parameter.name,
        "type": parameter.kind.rpartition(".")[2],
    }
    if parameter.choices:
        fields["choices"] = list(parameter.choices)
    return deep(parameter.kind, **fields)


def exported_properties(root: Node) -> list[object]:
    """Return the job's properties as the API shows them: the parameters with fields, others by class."""
    properties = root.child("properties")
    found: list[object] = []
    for each in properties.children if properties else []:
        if each.tag == "hudson.model.ParametersDefinitionProperty":
            found.append(plain(each.tag, parameterDefinitions=[_exported(one) for one in declared(root)]))
        else:
            found.append(plain(each.class_name))
    return found
