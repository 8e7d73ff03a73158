"""Nodes: the built-in one and agents; agents are made by the form that a person would send."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from tests.fake_jenkins import messages, names, pages
from tests.fake_jenkins.computers import Computer
from tests.fake_jenkins.controller import Root
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import Field, export, plain, pruner
from tests.fake_jenkins.messages import NotModelledError, Response
from tests.fake_jenkins.routing import route

COMPUTER_VERBS = frozenset({"api", "doCreateItem", "createItem", "new", "updateNow"})
_BUILT_IN = ("(built-in)", "(master)")
_COMPUTER = "hudson.model.Computer"


class Computers:
    class_name = "hudson.model.ComputerSet"

    def exported_fields(self) -> Sequence[Field]:
        return SET_FIELDS


SET_FIELDS = (
    Field("busyExecutors", lambda _, exchange: exchange.controller.busy_executors()),
    Field("computer", lambda _, exchange: exchange.controller.computers(), inline=True),
    Field("displayName", lambda *_: "Nodes"),
    Field("totalExecutors", lambda _, e: sum(each.executors for each in e.controller.computers() if each.online)),
)


@route("root", "GET", "computer/api/json", query=("tree", "depth"))
def computers_api(exchange: Exchange, _: Root) -> Response:
    return messages.api_json(export(Computers(), pruner(exchange), exchange))


def find_computer(name: str, exchange: Exchange) -> Computer:
    """Return a node by its name in a path."""
    wanted = "" if name in _BUILT_IN else name
    found = next((each for each in exchange.controller.computers() if each.name == wanted), None)
    if found is None:
        raise pages.not_found()
    return found


@route("computer", "GET", "api/json", query=("tree", "depth"))
def computer_api(exchange: Exchange, computer: Computer) -> Response:
    return messages.api_json(export(computer, pruner(exchange), exchange))


@route("root", "POST", "computer/doCreateItem", query=("name", "type"), form=("name", "type", "json", "Jenkins-Crumb"))
def create(exchange: Exchange, _: Root) -> Response:
    """Not recorded: ComputerSet.doDoCreateItem takes the form of a new agent, whole, as JSON."""
    exchange.require(f"{_COMPUTER}.Create")
    name = names.check_good_name(exchange.request.parameter("name"))
    # Descriptor.find takes a descriptor's own class name, and its id, which is the described class's.
    if exchange.request.parameter("type") not in {"hudson.slaves.DumbSlave", "hudson.slaves.DumbSlave$DescriptorImpl"}:
        raise NotModelledError("an agent of another type")
    if any(each.name == name for each in exchange.controller.computers()):
        raise pages.failure(f"Agent called \u2018{name}\u2019 already exists")
    form = json.loads(exchange.request.parameter("json") or "{}")
    if "launcher" not in form or "remoteFS" not in form:
        raise pages.oops()
    labels = str(form.get("labelString", "")).split()
    exchange.controller.agents.append(Computer(name, labels, int(form.get("numExecutors", 1)), form))
    return messages.redirect(exchange.path("/computer/"))


class LabelAtom:
    """A label: there is one for each name that anybody asks for."""

    kinds = ("label",)
    class_name = "hudson.model.labels.LabelAtom"

    def __init__(self, name: str) -> None:
        self.name = name

    def exported_fields(self) -> Sequence[Field]:
        return LABEL_FIELDS


# Not recorded: hudson.model.Label exports its clouds, of which nothing is exported.
LABEL_FIELDS = (
    Field("clouds", lambda label, exchange: [plain() for _ in range(label.name in exchange.controller.cloud_labels)]),
    Field("name", lambda label, _: label.name),
)


@route("label", "GET", "api/json", query=("tree", "depth"))
def label_api(exchange: Exchange, label: LabelAtom) -> Response:
    return messages.api_json(export(label, pruner(exchange), exchange))


@route("computer", "POST", "configSubmit", form=("json", "builtin.mode"))
def configure(exchange: Exchange, computer: Computer) -> Response:
    """Not recorded: Jenkins.doConfigExecutorsSubmit, for the built-in node alone."""
    if computer.name:
        raise NotModelledError("the configuration of an agent")
    exchange.require_administer()
    form = json.loads(exchange.request.parameter("json") or "{}")
    if not str(form.get("numExecutors", "")).isdigit() or "nodeProperties" not in form:
        raise pages.oops()
    exchange.controller.executors = int(form["numExecutors"])
    return messages.redirect(exchange.path("/computer/(built-in)/"))


@route("computer", "POST", "doDelete")
def delete(exchange: Exchange, computer: Computer) -> Response:
    """Not recorded: Computer.doDoDelete."""
    exchange.require(f"{_COMPUTER}.Delete")
    exchange.controller.agents.remove(computer)
    return messages.redirect(exchange.path("/computer/"))


@route("computer", "GET", "config.xml")
def config(exchange: Exchange, computer: Computer) -> Response:
    """Not recorded: the fields of hudson.model.Slave, in their order."""
    exchange.require(f"{_COMPUTER}.ExtendedRead")
    fields = "".join(
        f"\n  <{tag}>{escape(str(computer.form.get(key, '')))}</{tag}>"
        for tag, key in (("name", "name"), ("description", "nodeDescription"), ("remoteFS", "remoteFS"),
                         ("numExecutors", "numExecutors"), ("mode", "mode"), ("label", "labelString"))
    )  # fmt: skip
    return messages.xml(f'<?xml version="1.1" encoding="UTF-8"?>\n<slave>{fields}\n</slave>')


@route("computer", "GET", "jenkins-agent.jnlp", "slave-agent.jnlp")
def launch_file(exchange: Exchange, computer: Computer) -> Response:
    """Not recorded: the secret is the first argument, the name the second."""
    exchange.require(f"{_COMPUTER}.Connect")
    arguments = [computer.secret, computer.name, "-webSocket", "-workDir", "/agent", "-url", exchange.root_url]
    listed = "".join(f"<argument>{escape(each)}</argument>" for each in arguments)
    body = f"<jnlp><application-desc>{listed}</application-desc></jnlp>"
    return messages.text(body, "application/x-java-jnlp-file")


@route("root", "GET", "overallLoad/api/json")
def load(exchange: Exchange, _: Root) -> Response:
    del exchange
    measured = ("availableExecutors", "busyExecutors", "connectingExecutors", "definedExecutors", "idleExecutors",
                "onlineExecutors", "queueLength", "totalExecutors", "totalQueueLength")  # fmt: skip
    return messages.api_json({"_class": "hudson.model.OverallLoadStatistics", **{name: {} for name in measured}})
