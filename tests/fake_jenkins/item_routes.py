"""Items over HTTP: create, read, write, copy, rename, disable, delete."""

from __future__ import annotations

from html import escape

from tests.fake_jenkins import messages, names, pages, security
from tests.fake_jenkins.exchange import Exchange
from tests.fake_jenkins.exported import export, pruner
from tests.fake_jenkins.items import ROOTS, UNMODELLED_ROOTS, BranchJob, Folder, Item, Job, MultiBranch
from tests.fake_jenkins.messages import NotModelledError, Response
from tests.fake_jenkins.routing import route
from tests.fake_jenkins.view_routes import describe_view
from tests.fake_jenkins.xml_tree import BadXmlError, read

API_QUERY = ("tree", "depth", "pretty")
_XML_TYPES = ("application/xml", "text/xml")


@route("root", "GET", "api/json", query=API_QUERY)
@route("item", "GET", "api/json", query=API_QUERY)
@route("view", "GET", "api/json", query=API_QUERY)
def api(exchange: Exchange, target: Item) -> Response:
    if exchange.request.parameter("pretty"):
        raise NotModelledError("pretty printing")
    return messages.api_json(export(target, pruner(exchange), exchange))


@route("root", "POST", "createItem", query=("name", "mode", "from"))
@route("folder", "POST", "createItem", query=("name", "mode", "from"))
def create_item(exchange: Exchange, group: Folder) -> Response:
    if isinstance(group, MultiBranch):
        return messages.empty()  # answers well and creates nothing
    exchange.require(security.ITEM_CREATE, None if group is exchange.controller.root else group)
    name = _new_name(exchange, group)
    mode = exchange.request.parameter("mode")
    if mode == "copy":
        return _copy(exchange, group, name)
    if exchange.request.content_type.startswith(_XML_TYPES):
        return _create_from_xml(exchange, group, name)
    if mode is None:
        raise pages.failure("No mode given")
    raise NotModelledError(f"createItem with mode={mode}")


def _new_name(exchange: Exchange, group: Folder) -> str:
    name = exchange.request.parameter("name")
    if name is None:
        raise pages.failure("Query parameter 'name' is required")
    name = names.check_good_name(name)
    if group.get(name) is not None:
        raise pages.failure(f"A job already exists with the name \u2018{name}\u2019")
    return name


def _create_from_xml(exchange: Exchange, group: Folder, name: str) -> Response:
    names.check_length(name)
    try:
        xml, root = read(exchange.request.text())
    except BadXmlError:
        raise pages.oops() from None
    if UNMODELLED_ROOTS.get(root.tag) in exchange.controller.plugins:
        raise NotModelledError(f"items of kind {root.tag}")
    if root.tag not in ROOTS:
        refusal = pages.oops()  # as Jenkins, whose page says nothing; for who tries things, the header does
        refusal.response.headers.append(("X-Fake-Jenkins", f"no plugin here has items of kind {root.tag[:80]!a}"))
        raise refusal
    item = ROOTS[root.tag](name, group)
    item.load(xml, root)
    group.add(item)
    if item.modernise() or item.permissions_here() is not None:
        item.save(exchange.controller.plugins)  # the matrix plugin looks at what is created, and saves it
    exchange.controller.taken(item)
    return messages.empty()


def _copy(exchange: Exchange, group: Folder, name: str) -> Response:
    source_name = exchange.request.parameter("from") or ""
    source = exchange.controller.relative(source_name, group)
    if source is None or not exchange.sees(source):
        raise pages.failure(f"No such job: {source_name}")
    exchange.require(security.ITEM_EXTENDED_READ, source)  # not recorded: ItemGroupMixIn.copy
    copied = type(source)(name, group)
    copied.load(*read(source.xml))
    copied.save(exchange.controller.plugins)
    group.add(copied)
    exchange.controller.taken(copied)
    return messages.redirect(exchange.path(copied.path + "configure"))


@route("item", "GET", "config.xml")
def read_config(exchange: Exchange, item: Item) -> Response:
    if not exchange.may(security.ITEM_CONFIGURE, item):
        exchange.require(security.ITEM_EXTENDED_READ, item)
        return messages.xml(exchange.controller.redacted(item.xml))
    return messages.xml(item.xml)


@route("item", "POST", "config.xml")
def write_config(exchange: Exchange, item: Item) -> Response:
    if isinstance(item, BranchJob):
        raise security.denied(exchange.user, security.ITEM_CONFIGURE)
    exchange.require(security.ITEM_CONFIGURE, item)
    try:
        xml, root = read(exchange.request.text())
    except BadXmlError:
        raise pages.oops() from None
    if ROOTS.get(root.tag) is not type(item):
        raise pages.oops()
    item.load(xml, root)
    if item.modernise():
        item.save(exchange.controller.plugins)
    exchange.controller.taken(item)
    return messages.empty()


@route("item", "POST", "submitDescription", form=("description",))
def submit_description(exchange: Exchange, item: Item) -> Response:
    """Set the description; Jenkins saves the whole configuration in its own way."""
    exchange.require(security.ITEM_CONFIGURE, item)
    item.set_text("description", exchange.request.parameter("description") or "")
    item.save(exchange.controller.plugins)
    return messages.redirect(".")


@route("folder", "POST", "submitDescription", form=("description",))
def submit_description_of_folder(exchange: Exchange, folder: Folder) -> Response:
    """Not recorded: AbstractFolder.doSubmitDescription, which describes the primary view and not the folder."""
    if isinstance(folder, MultiBranch):
        raise NotModelledError("submitDescription of a multibranch project's only view")
    primary = folder.find_view(folder.primary_view)
    if primary is None:
        raise NotModelledError("submitDescription of a folder without a primary view")
    return describe_view(exchange, primary.of(folder))


@route("item", "POST", "disable")
def disable(exchange: Exchange, item: Item) -> Response:
    return _set_disabled(exchange, item, disabled=True)


@route("item", "POST", "enable")
def enable(exchange: Exchange, item: Item) -> Response:
    return _set_disabled(exchange, item, disabled=False)


def _set_disabled(exchange: Exchange, item: Item, *, disabled: bool) -> Response:
    if not isinstance(item, Job | MultiBranch):
        raise NotModelledError(f"a {item.class_name} can't be disabled")
    exchange.require(security.ITEM_CONFIGURE, item)
    if item.disabled != disabled:
        item.set_text("disabled", "true" if disabled else "false")
        item.save(exchange.controller.plugins)
    return messages.redirect(exchange.path(item.path))


@route("item", "POST", "confirmRename", query=("newName",), form=("newName",))
def rename(exchange: Exchange, item: Item) -> Response:
    may_configure = exchange.may(security.ITEM_CONFIGURE, item)
    if not may_configure:  # not recorded: AbstractItem.checkRename wants Configure, or Create and Delete
        exchange.require(security.ITEM_CREATE, item.parent)
        exchange.require(security.ITEM_DELETE, item)
    name = names.check_good_name(exchange.request.parameter("newName"))
    parent = item.parent
    if parent is None or parent.get(name) not in {None, item}:
        raise pages.failure("The name \u201c" + name + "\u201d is already in use.")
    parent.remove(item)
    item.name = name
    parent.add(item)
    item.save(exchange.controller.plugins)
    return messages.redirect(exchange.path(item.path.rstrip("/")))


@route("job", "POST", "nextbuildnumber/submit", form=("nextBuildNumber",))
def set_next_build_number(exchange: Exchange, job: Job) -> Response:
    """Not recorded: Jenkins itself has no such page, the plugin next-build-number has; it takes no number that was."""
    if "next-build-number" not in exchange.controller.plugins:
        raise pages.not_found()
    exchange.require(security.ITEM_CONFIGURE, job)
    number = int(exchange.request.parameter("nextBuildNumber") or "0")
    job.next_build_number = max(number, job.next_build_number)
    return messages.redirect(exchange.path(job.path))


@route("item", "POST", "doDelete")
def delete(exchange: Exchange, item: Item) -> Response:
    _delete(exchange, item)
    above = item.parent.path if item.parent else "/"
    return messages.redirect(exchange.path(above))


@route("item", "DELETE", "")
def delete_by_verb(exchange: Exchange, item: Item) -> Response:
    _delete(exchange, item)
    return messages.empty(204)


def _delete(exchange: Exchange, item: Item) -> None:
    exchange.require(security.ITEM_DELETE, item)
    if item.parent is not None:
        item.parent.remove(item)
    exchange.controller.gone(item)


@route("root", "GET", "checkJobName", query=("value",))
@route("folder", "GET", "checkJobName", query=("value",))
def check_job_name(exchange: Exchange, group: Folder) -> Response:
    exchange.require(security.ITEM_CREATE, None if group is exchange.controller.root else group)
    name = exchange.request.parameter("value")
    problem = names.problem_with(name)
    if problem is None and group.get((name or "").strip()) is not None:
        problem = f"A job already exists with the name \u2018{(name or '').strip()}\u2019"
    return check_result(problem)


def check_result(problem: str | None) -> Response:
    """Return what a form's check answers: nothing wrong, or an error."""
    body = f'<div class="error">{escape(problem, quote=False)}</div>' if problem else "<div/>"
    return messages.text(body, "text/html;charset=utf-8")


@route("root", "GET", "newJob")
@route("folder", "GET", "newJob")
def new_job(exchange: Exchange, group: Folder) -> Response:
    exchange.require(security.ITEM_CREATE, None if group is exchange.controller.root else group)
    return pages.page("New Item - Jenkins")


@route("item", "GET", "configure")
def configure(exchange: Exchange, item: Item) -> Response:
    exchange.require(security.ITEM_EXTENDED_READ, item)
    return pages.page(f"{item.display_name} Config - Jenkins")
