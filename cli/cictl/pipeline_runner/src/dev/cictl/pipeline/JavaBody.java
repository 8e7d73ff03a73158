package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Continuable;
import groovy.lang.Closure;

/** Java code in the place of a closure, so that steps can be put around it. */
final class JavaBody extends Closure<Object> {
    private static final long serialVersionUID = 1L;

    private final transient Build build;
    private final transient StepCall.Code code;

    JavaBody(Build build, StepCall.Code code) {
        super(build);
        this.build = build;
        this.code = code;
    }

    @Override
    public Object call(Object... arguments) {
        return Continuable.suspend("body", new StepCall(build.vm(), build.threads(), code));
    }

    @Override
    public Object call() {
        return call(new Object[0]);
    }

    /** Runs CODE in INNER, within CALL. */
    static Object run(Build build, StepCall call, Context inner, StepCall.Code code) throws Throwable {
        return call.body(new JavaBody(build, code), inner);
    }
}
