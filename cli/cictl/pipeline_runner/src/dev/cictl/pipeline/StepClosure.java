package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.Block;
import com.cloudbees.groovy.cps.Env;
import com.cloudbees.groovy.cps.impl.CpsClosure;
import java.util.List;
import org.codehaus.groovy.runtime.InvokerHelper;

/** A closure that leaves to its owner what Groovy would otherwise do with any object. */
public class StepClosure extends CpsClosure {
    private static final long serialVersionUID = 1L;

    public StepClosure(Object owner, Object thisObject, List<String> parameters, Block body, Env capture) {
        super(owner, thisObject, parameters, body, capture);
    }

    /** The step, not Groovy's own, which takes milliseconds. */
    public Object sleep(long seconds) {
        return InvokerHelper.invokeMethod(getOwner(), "sleep", seconds);
    }

    public void print(Object value) {
        InvokerHelper.invokeMethod(getOwner(), "print", value);
    }

    public void println() {
        InvokerHelper.invokeMethod(getOwner(), "println", null);
    }

    public void println(Object value) {
        InvokerHelper.invokeMethod(getOwner(), "println", value);
    }
}
