package dev.cictl.pipeline;

import hudson.AbortException;
import hudson.model.Result;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException;
import org.jenkinsci.plugins.workflow.support.steps.input.Rejection;

/** `input`: asks who runs this, or takes the answer that was given beforehand. */
final class InputStep implements Steps.Slow {
    private final Build build;
    private final AtomicInteger count = new AtomicInteger();

    InputStep(Build build) {
        this.build = build;
    }

    @Override
    public Object run(StepCall call, Args args) throws Throwable {
        String message = args.text("message", "Proceed or Abort?");
        List<Steps.Described> definitions = new ArrayList<>();
        args.list("parameters").forEach(each -> definitions.add((Steps.Described) each));
        build.log(call.context(), message);
        Map<String, Object> answer = answer(call, args, message, definitions);
        if (!Boolean.TRUE.equals(answer.get("approve"))) {
            throw new FlowInterruptedException(Result.ABORTED, new Rejection(approver()));
        }
        build.log(call.context(), "Approved by " + approver());
        return value(args, definitions, answer);
    }

    private Map<String, Object> answer(StepCall call, Args args, String message, List<Steps.Described> definitions)
            throws Throwable {
        String given = build.request().answer();
        if (given == null) {
            throw new AbortException("input cannot be asked: stdin is not a terminal; pass --approve or --reject");
        }
        if (!"ask".equals(given)) {
            return Map.of("approve", "approve".equals(given));
        }
        String id = args.text("id", "input-" + count.incrementAndGet());
        CompletableFuture<Map<String, Object>> answer = build.inputs().expect(id);
        List<Object> parameters = new ArrayList<>();
        for (Steps.Described each : definitions) {
            parameters.add(Map.of("name", String.valueOf(each.get("name")),
                    "default", String.valueOf(Parameters.value(each, null))));
        }
        build.events().send("input", "id", id, "message", message, "ok", args.text("ok", "Proceed"),
                "parameters", parameters);
        try {
            return answer.get();
        } catch (ExecutionException problem) {
            throw problem.getCause();
        }
    }

    private String approver() {
        String given = build.request().approver();
        return given == null ? build.user() : given;
    }

    /** Returns the one parameter's value, those of several by name, or null, as Jenkins does. */
    private Object value(Args args, List<Steps.Described> definitions, Map<String, Object> answer) throws AbortException {
        Map<?, ?> given = answer.get("values") instanceof Map<?, ?> map ? map : Map.of();
        Map<String, Object> values = new LinkedHashMap<>();
        for (Steps.Described each : definitions) {
            String name = String.valueOf(each.get("name"));
            values.put(name, Parameters.value(each, given.get(name)));
        }
        if (args.has("submitterParameter")) {
            values.put(args.text("submitterParameter"), approver());
        }
        return values.isEmpty() ? null : values.size() == 1 ? values.values().iterator().next() : values;
    }
}
