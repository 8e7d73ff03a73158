package jenkins.model

/** The class that no library may use. */
class Jenkins {
    static Jenkins get() {
        return new Jenkins()
    }

    int numExecutors = 2
}
