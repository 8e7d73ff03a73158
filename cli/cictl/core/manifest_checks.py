"""What a release may not contain, and what makes it `direct` only: each finding with kind, name and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cictl.core.manifests import is_deployment
from cictl.core.objects import KubernetesObject, key_of, mapping_at, mappings_at, text_at, value_at

HOOK_ANNOTATION = "helm.sh/hook"
_TEST_HOOKS = frozenset({"test", "test-success", "test-failure"})
_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_STORAGE = "storage.k8s.io"
# Kinds of other groups are not known here: the server-side dry run refuses those.
CLUSTER_SCOPED = frozenset(
    {
        ("", "Namespace"),
        ("", "Node"),
        ("", "PersistentVolume"),
        (_RBAC, "ClusterRole"),
        (_RBAC, "ClusterRoleBinding"),
        (_ADMISSION, "MutatingWebhookConfiguration"),
        (_ADMISSION, "ValidatingWebhookConfiguration"),
        (_ADMISSION, "MutatingAdmissionPolicy"),
        (_ADMISSION, "MutatingAdmissionPolicyBinding"),
        (_ADMISSION, "ValidatingAdmissionPolicy"),
        (_ADMISSION, "ValidatingAdmissionPolicyBinding"),
        (_STORAGE, "StorageClass"),
        (_STORAGE, "CSIDriver"),
        (_STORAGE, "CSINode"),
        (_STORAGE, "VolumeAttachment"),
        (_STORAGE, "VolumeAttributesClass"),
        ("apiregistration.k8s.io", "APIService"),
        ("certificates.k8s.io", "CertificateSigningRequest"),
        ("certificates.k8s.io", "ClusterTrustBundle"),
        ("flowcontrol.apiserver.k8s.io", "FlowSchema"),
        ("flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"),
        ("networking.k8s.io", "IngressClass"),
        ("networking.k8s.io", "IPAddress"),
        ("networking.k8s.io", "ServiceCIDR"),
        ("node.k8s.io", "RuntimeClass"),
        ("resource.k8s.io", "DeviceClass"),
        ("resource.k8s.io", "ResourceSlice"),
        ("scheduling.k8s.io", "PriorityClass"),
        ("gateway.networking.k8s.io", "GatewayClass"),
        ("cert-manager.io", "ClusterIssuer"),
        ("external-secrets.io", "ClusterSecretStore"),
        ("external-secrets.io", "ClusterExternalSecret"),
        ("kyverno.io", "ClusterPolicy"),
    }
)
_CRD = ("apiextensions.k8s.io", "CustomResourceDefinition")
_SINGLE_WRITER_MODES = frozenset({"ReadWriteOnce", "ReadWriteOncePod"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an object cannot be released, and what to do about it."""

    kind: str
    name: str
    message: str
    hint: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.kind}/{self.name}: {self.message}"


def check_manifests(
    objects: Sequence[object], namespace: str, allow_secrets: Collection[str] = frozenset()
) -> tuple[Problem, ...]:
    """Return all that keeps OBJECTS from being a release in NAMESPACE; secrets named in ALLOW_SECRETS may hold data."""
    problems: list[Problem] = []
    sound: list[KubernetesObject] = []
    for position, each in enumerate(objects, start=1):
        problem = _shape_problem(each, position)
        if problem is None and isinstance(each, Mapping):
            sound.append(each)
            problem = _object_problem(each, namespace, allow_secrets)
        problems.extend([problem] if problem else [])
    return (*problems, *_duplicates(sound), *_not_one_deployment(sound))


def without_test_hooks(objects: Sequence[object]) -> tuple[object, ...]:
    """Return OBJECTS without those that only `helm test` would run."""
    return tuple(each for each in objects if not (_hooks(each) and _hooks(each) <= _TEST_HOOKS))


def direct_only(objects: Sequence[KubernetesObject], claims: Sequence[KubernetesObject] = ()) -> tuple[str, ...]:
    """Return why these OBJECTS cannot run two releases side by side; CLAIMS are the live claims that they may mount."""
    reasons = [
        f"{key_of(each)} is replaced in its own way, not beside a canary"
        for each in objects
        if key_of(each).kind in {"StatefulSet", "DaemonSet"}
    ]
    single = {key_of(each).name for each in (*objects, *claims) if _has_single_writer(each)}
    for deployment in filter(is_deployment, objects):
        if text_at(deployment, "spec", "strategy", "type") == "Recreate":
            reasons.append(f"{key_of(deployment)} has strategy Recreate: its pods never run beside new ones")
        reasons += [
            f"{key_of(deployment)} mounts the claim {claim!r}, which one node can write"
            for claim in _mounted_claims(deployment)
            if claim in single
        ]
    return tuple(reasons)


def _shape_problem(each: object, position: int) -> Problem | None:
    """Say why EACH, the POSITIONth document, is no Kubernetes object."""
    if not isinstance(each, Mapping):
        return Problem(
            "Document", str(position), "is not a Kubernetes object", "each document is a mapping with a kind"
        )
    kind, name = text_at(each, "kind") or "Document", text_at(each, "metadata", "name")
    if not text_at(each, "kind") or not text_at(each, "apiVersion"):
        return Problem(kind, name or str(position), "has no apiVersion or no kind", "add both")
    if text_at(each, "metadata", "generateName"):
        return Problem(kind, name, "has generateName, so every release would make another one", "give it a name")
    if not name:
        return Problem(kind, str(position), "has no metadata.name", "give it a name")
    return None


def _object_problem(each: KubernetesObject, namespace: str, allow_secrets: Collection[str]) -> Problem | None:
    """Return the first thing that is wrong with EACH alone."""
    found = next((rule for refused, rule in _RULES if refused(each)), None)
    key = key_of(each)
    if found:
        return Problem(key.kind, key.name, *found)
    elsewhere = value_at(each, "metadata", "namespace")
    if elsewhere not in (None, "", namespace):
        hint = "leave metadata.namespace out: the environment decides"
        return Problem(key.kind, key.name, f"is for namespace {elsewhere!r}, the environment's is {namespace!r}", hint)
    if _has_secret_data(each) and key.name not in allow_secrets:
        hint = "reference a Secret that is made elsewhere, or opt in by its name"
        return Problem(key.kind, key.name, "holds secret data, which the release's record would keep", hint)
    return None


def _group_and_kind(each: KubernetesObject) -> tuple[str, str]:
    key = key_of(each)
    return key.group, key.kind


def _has_secret_data(each: KubernetesObject) -> bool:
    is_secret = _group_and_kind(each) == ("", "Secret")
    return is_secret and bool(value_at(each, "data") or value_at(each, "stringData"))


def _hooks(each: object) -> frozenset[str]:
    """Return the hooks that EACH is annotated with."""
    text = text_at(each, "metadata", "annotations", HOOK_ANNOTATION)
    return frozenset(part.strip() for part in text.split(",") if part.strip())


Rule = tuple[Callable[[KubernetesObject], bool], tuple[str, str]]
_RULES: tuple[Rule, ...] = (
    (
        lambda each: bool(_hooks(each)),
        ("is a Helm hook, which a release here never runs", "make it a step of the pipeline, before the rollout"),
    ),
    (
        lambda each: _group_and_kind(each) == _CRD,
        ("is a custom resource definition, which the whole cluster shares", "install it apart, with the cluster"),
    ),
    (
        lambda each: _group_and_kind(each) in CLUSTER_SCOPED,
        ("belongs to the whole cluster; a release has rights in its namespace only", "install it apart"),
    ),
    (
        lambda each: _group_and_kind(each) == ("batch", "Job"),
        ("is a bare Job, which cannot be changed once it ran", "use a CronJob, or run it as a step of the pipeline"),
    ),
    (
        lambda each: _group_and_kind(each) in {("", "Pod"), ("apps", "ReplicaSet"), ("", "ReplicationController")},
        ("is not renewed by anything", "put it into a Deployment"),
    ),
)


def _duplicates(objects: Sequence[KubernetesObject]) -> Iterator[Problem]:
    """Yield what is there more than once."""
    for key, count in Counter(map(key_of, objects)).items():
        if count > 1:
            yield Problem(key.kind, key.name, f"is there {count} times", "keep one of them")


def _not_one_deployment(objects: Sequence[KubernetesObject]) -> Iterator[Problem]:
    """Yield what is wrong with the number of Deployments."""
    names = sorted(key_of(each).name for each in objects if is_deployment(each))
    if not names:
        yield Problem("Deployment", "", "is missing: a service is exactly one Deployment", "add an apps/v1 Deployment")
    if len(names) > 1:
        message = f"is one of {len(names)} ({', '.join(names)}): a service is exactly one Deployment"
        yield Problem("Deployment", names[0], message, "give the others a service.yaml of their own")


def _has_single_writer(each: KubernetesObject) -> bool:
    """Whether EACH is a claim that pods on two nodes cannot both mount for writing."""
    modes = value_at(each, "spec", "accessModes")
    is_claim = _group_and_kind(each) == ("", "PersistentVolumeClaim")
    return is_claim and isinstance(modes, list) and bool(_SINGLE_WRITER_MODES & set(map(str, modes)))


def _mounted_claims(deployment: KubernetesObject) -> tuple[str, ...]:
    volumes = mappings_at(deployment, "spec", "template", "spec", "volumes")
    claims: tuple[Mapping[str, Any], ...] = tuple(mapping_at(each, "persistentVolumeClaim") for each in volumes)
    return tuple(text_at(claim, "claimName") for claim in claims if claim and claim.get("readOnly") is not True)
