package dev.cictl.test

import com.cloudbees.groovy.cps.SerializableScript

/** What scripts of the library extend: whatever they do not know is a step, a global variable or another script. */
abstract class StepScript extends SerializableScript {
    Object methodMissing(String name, Object args) {
        return FakeBuild.current.dispatch(name, args as Object[])
    }

    /** Groovy's own `sleep` would win over the step. */
    Object sleep(int seconds) {
        return methodMissing('sleep', [seconds] as Object[])
    }

    Object propertyMissing(String name) {
        return FakeBuild.current.global(name)
    }
}
