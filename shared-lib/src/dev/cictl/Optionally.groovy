package dev.cictl

/** Steps of plugins that a Jenkins may lack: where one is missing, its block runs without it, which is said. */
class Optionally implements Serializable {
    private static final long serialVersionUID = 1L

    final Object steps
    private final List<String> missing = []

    Optionally(Object steps) {
        this.steps = steps
    }

    /** Run BODY within STEP, called with GIVEN; where there is no such step, OTHERWISE. */
    Object within(String step, Map given, Closure body, Closure otherwise = body) {
        boolean entered = false
        Closure inner = {
            entered = true
            body()
        }
        try {
            return given ? steps."${step}"(given, inner) : steps."${step}"(inner)
        } catch (NoSuchMethodError unknown) {
            if (entered) {
                throw unknown
            }
            say(step)
            return otherwise()
        }
    }

    /** Do STEP, which has no block. */
    void attempt(String step, Map given) {
        try {
            steps."${step}"(given)
        } catch (NoSuchMethodError unknown) {
            say(step)
        }
    }

    /** Say once that there is no STEP. */
    private void say(String step) {
        if (!missing.contains(step)) {
            missing.add(step)
            steps.echo("this Jenkins has no step '${step}'; going on without it")
        }
    }
}
