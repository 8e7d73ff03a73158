package dev.cictl.test

import groovy.transform.CompileStatic

/** Writes what Jenkins would save when a step has ended; what cannot be saved is an error there, too. */
@CompileStatic
class Checkpoint extends ObjectOutputStream {
    private Checkpoint(OutputStream out) {
        super(out)
        super.enableReplaceObject(true)
    }

    static void save(Object continuation) {
        new Checkpoint(new ByteArrayOutputStream()).writeObject(continuation)
    }

    /** Jenkins hands out iterators of its own, which can be saved; blocks of tests hold the test. */
    @Override
    protected Object replaceObject(Object object) {
        boolean isIterator = object instanceof Iterator && object.getClass().name.startsWith('java.util.')
        return isIterator || object instanceof InEachForm ? null : object
    }
}
