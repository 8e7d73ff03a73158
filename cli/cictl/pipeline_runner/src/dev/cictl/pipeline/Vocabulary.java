package dev.cictl.pipeline;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The words of a declarative pipeline. */
final class Vocabulary {
    static final Set<String> PIPELINE = Set.of("agent", "stages", "post", "environment", "options", "parameters",
            "triggers", "tools", "libraries");
    static final Set<String> STAGE = Set.of("agent", "steps", "stages", "parallel", "matrix", "when", "post",
            "environment", "options", "input", "failFast", "tools");
    static final Set<String> MATRIX = Set.of("axes", "excludes", "stages", "agent", "environment", "options", "when",
            "post", "input", "tools");

    /** Sections that must hold something, and what Jenkins says where they do not. */
    static final Map<String, String> NEVER_EMPTY = Map.of(
            "stages", "No stages specified",
            "parallel", "No stages specified",
            "post", "post can not be empty",
            "environment", "No variables specified for environment",
            "options", "options can not be empty",
            "parameters", "parameters can not be empty",
            "when", "Empty when closure, remove the property or add some content.",
            "triggers", "triggers can not be empty",
            "tools", "No tools specified",
            "libraries", "libraries can not be empty");
    /** Steps that Jenkins refuses in `steps` outside of `script`. */
    static final Set<String> NO_STEPS = Set.of("stage", "properties");

    /** Conditions of `post`, in the order in which they run. */
    static final List<String> POST = List.of("always", "changed", "fixed", "regression", "aborted", "failure", "success",
            "unstable", "unsuccessful", "notBuilt", "cleanup");

    /** Options that wrap what runs. */
    static final Set<String> WRAPPERS = Set.of("timeout", "retry", "timestamps", "ansiColor", "lock", "catchError",
            "warnError", "withCredentials", "withEnv");
    static final Set<String> OPTIONS = union(WRAPPERS, Set.of("buildDiscarder", "checkoutToSubdirectory",
            "copyArtifactPermission", "disableConcurrentBuilds", "disableRestartFromStage", "disableResume",
            "durabilityHint", "gitLabConnection", "githubProjectProperty", "newContainerPerStage",
            "overrideIndexTriggers", "parallelsAlwaysFailFast", "preserveStashes", "quietPeriod", "rateLimitBuilds",
            "skipDefaultCheckout", "skipStagesAfterUnstable", "throttleJobProperty", "office365ConnectorWebhooks",
            "authorizationMatrix", "gitlabBuilds", "timestamps", "podTemplate"));
    static final Set<String> STAGE_OPTIONS = union(WRAPPERS, Set.of("skipDefaultCheckout", "gitlabBuilds"));
    static final Set<String> PARAMETERS =
            Set.of("string", "text", "booleanParam", "choice", "password", "credentials", "file", "run");
    static final Set<String> CONDITIONS = Set.of("allOf", "anyOf", "branch", "buildingTag", "changeRequest", "changelog",
            "changeset", "environment", "equals", "expression", "isRestartedRun", "not", "tag", "triggeredBy");
    static final Set<String> NESTING = Set.of("allOf", "anyOf", "not");
    static final Set<String> BEFORE = Set.of("beforeAgent", "beforeInput", "beforeOptions");
    static final Set<String> AGENTS = Set.of("any", "none", "label", "node", "docker", "dockerfile", "kubernetes");
    /** What an agent takes, where that is known. */
    static final Map<String, Set<String>> AGENT_PARAMETERS = Map.of(
            "label", Set.of("label", "customWorkspace", "retries"),
            "node", Set.of("label", "customWorkspace", "retries"),
            "docker", Set.of("image", "label", "args", "alwaysPull", "reuseNode", "registryUrl", "registryCredentialsId",
                    "customWorkspace", "containerPerStageRoot"),
            "dockerfile", Set.of("filename", "dir", "label", "args", "additionalBuildArgs", "reuseNode", "registryUrl",
                    "registryCredentialsId", "customWorkspace", "containerPerStageRoot"));
    static final Map<String, String> AGENT_REQUIRES = Map.of("label", "label", "node", "label", "docker", "image");
    static final Set<String> TRIGGERS = Set.of("cron", "pollSCM", "upstream", "githubPush", "gitlab",
            "parameterizedCron", "bitbucketPush", "GenericTrigger", "issueCommentTrigger");
    static final Set<String> TOOLS = Set.of("ant", "git", "gradle", "jdk", "jgit", "jgitapache", "maven", "nodejs", "go",
            "terraform", "dockerTool", "groovy", "python", "cmake");
    static final Set<String> INPUT =
            Set.of("message", "id", "ok", "submitter", "submitterParameter", "parameters");
    static final Set<String> AXIS = Set.of("name", "values", "notValues");

    private Vocabulary() {}

    private static Set<String> union(Set<String> left, Set<String> right) {
        Set<String> all = new java.util.TreeSet<>(left);
        all.addAll(right);
        return all;
    }
}
