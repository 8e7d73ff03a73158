package dev.cictl

/** What is done last, however a block ended: its own trouble, as on an agent that is gone, never hides the block's. */
class Lastly implements Serializable {
    private static final long serialVersionUID = 1L

    final Object steps

    Lastly(Object steps) {
        this.steps = steps
    }

    /** Return what BODY does, after LAST, which is given the exception that ended BODY, if one did. */
    Object after(Closure body, Closure last) {
        boolean ended = false
        Exception problem = null
        try {
            Object result = body()
            ended = true
            return result
        } catch (Exception thrown) {
            problem = thrown
            throw thrown
        } finally {
            if (ended) {
                last(null)
            } else {
                attempt(last, problem)
            }
        }
    }

    private void attempt(Closure last, Exception problem) {
        try {
            last(problem)
        } catch (Exception later) {
            steps.echo("and what comes last failed, too: ${later.message}")
        }
    }
}
