package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.SerializableScript;
import groovy.lang.MissingPropertyException;

/** The base class of the Jenkinsfile and of a library's variables: what they lack themselves is a step or a global. */
public abstract class PipelineScript extends SerializableScript {
    private static final long serialVersionUID = 1L;

    @Override
    public Object invokeMethod(String name, Object arguments) {
        Object[] list = arguments instanceof Object[] array ? array : new Object[] {arguments};
        if (getBinding().hasVariable(name)) {
            return Globals.call(getBinding().getVariable(name), list);
        }
        return Build.current().steps().invoke(name, list);
    }

    @Override
    public Object getProperty(String name) {
        if (getBinding().hasVariable(name)) {
            return getBinding().getVariable(name);
        }
        Object found = Build.current().globals().find(name);
        if (found != null) {
            return found;
        }
        try {
            return getMetaClass().getProperty(this, name);
        } catch (MissingPropertyException missing) {
            String variable = Build.current().globals().environment(name);
            if (variable != null) {
                return variable;
            }
            throw new MissingPropertyException(name, getClass());
        }
    }

    @Override
    public void println() {
        Build.current().steps().print("");
    }

    @Override
    public void println(Object value) {
        Build.current().steps().print(String.valueOf(value));
    }

    @Override
    public void print(Object value) {
        Build.current().steps().print(String.valueOf(value));
    }

    /** Not Groovy's own, which takes milliseconds. */
    public Object sleep(long seconds) {
        return invokeMethod("sleep", new Object[] {seconds});
    }
}
