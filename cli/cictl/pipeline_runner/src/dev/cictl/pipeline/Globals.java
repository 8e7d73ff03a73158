package dev.cictl.pipeline;

import groovy.lang.Closure;
import groovy.lang.GroovyObjectSupport;
import groovy.lang.MissingPropertyException;
import groovy.lang.Script;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.codehaus.groovy.runtime.InvokerHelper;

/** What every script finds by name: env, params, currentBuild, steps, scm, and the library's variables. */
final class Globals {
    private final Build build;
    private final Map<String, Object> own = new LinkedHashMap<>();

    Globals(Build build) {
        this.build = build;
        own.put("env", new Env(build));
        own.put("steps", new StepsObject(build));
        own.put("currentBuild", new CurrentBuild(build));
        own.put("scm", new Scm());
    }

    Object find(String name) {
        if ("params".equals(name)) {
            return Collections.unmodifiableMap(build.parameters());
        }
        Object found = own.get(name);
        return found != null ? found : build.loader().global(name);
    }

    String environment(String name) {
        return build.environment(build.context()).get(name);
    }

    /** Calls VALUE, which a script uses as if it were a method. */
    static Object call(Object value, Object[] arguments) {
        if (value instanceof Closure<?> closure) {
            return closure.call(arguments);
        }
        return InvokerHelper.getMetaClass(value).invokeMethod(value, "call", arguments);
    }

    /** `env`: reads what applies here, writes what applies to the rest of the build, as text: also null, as Jenkins does. */
    static final class Env extends GroovyObjectSupport {
        private final Build build;

        Env(Build build) {
            this.build = build;
        }

        @Override
        public Object getProperty(String name) {
            return build.environment(build.context()).get(name);
        }

        @Override
        public void setProperty(String name, Object value) {
            build.assign(name, String.valueOf(value));
        }

        /** As `env['NAME']` is read. */
        public Object getAt(String name) {
            return getProperty(name);
        }

        public void putAt(String name, Object value) {
            setProperty(name, value);
        }

        /** All of them, as in Jenkins, where the sandbox refuses it. */
        public Map<String, String> getEnvironment() {
            return build.environment(build.context());
        }
    }

    /** `steps`: the steps as methods of an object, for classes. */
    static final class StepsObject extends GroovyObjectSupport {
        private final Build build;

        StepsObject(Build build) {
            this.build = build;
        }

        @Override
        public Object invokeMethod(String name, Object arguments) {
            return build.steps().invoke(name, arguments instanceof Object[] list ? list : new Object[] {arguments});
        }

        @Override
        public Object getProperty(String name) {
            Object found = build.globals().find(name);
            if (found == null) {
                throw new MissingPropertyException(name, Script.class);
            }
            return found;
        }

        public Object sleep(long seconds) {
            return invokeMethod("sleep", new Object[] {seconds});
        }
    }

    /** `scm`: the working tree. */
    static final class Scm extends GroovyObjectSupport {
        @Override
        public String toString() {
            return "the working tree";
        }
    }
}
