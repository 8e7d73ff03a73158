package dev.cictl.test

/** The steps themselves; `sh` runs a real shell. */
class Steps {
    private final FakeBuild build

    Steps(FakeBuild build) {
        this.build = build
    }

    void echo(Object message) {
        build.log.add(message.toString())
    }

    void error(Object message) {
        throw new BuildFailed(message.toString())
    }

    String pwd(Map options = [:]) {
        return options.tmp ? build.temporary.path : build.folder.path
    }

    Object dir(Object path, Closure body) {
        return build.within(place(path), body)
    }

    Object node(Object label = '', Closure body) {
        return build.block(body)
    }

    Object stage(Object name, Closure body) {
        build.log.add("stage ${name}".toString())
        return build.block(body)
    }

    Object timestamps(Closure body) {
        return build.block(body)
    }

    Object timeout(Map options, Closure body) {
        return build.block(body)
    }

    Object lock(Map options, Closure body) {
        build.log.add("lock ${options.resource}".toString())
        return build.block(body)
    }

    void milestone(Map options = [:]) {
        build.log.add('milestone')
    }

    void parallel(Map branches) {
        branches.each { name, body ->
            build.log.add("branch ${name}".toString())
            build.block(body)
        }
    }

    Object withEnv(List settings, Closure body) {
        return build.env.with(settings) { build.block(body) }
    }

    /** Credentials are put into the environment as they are: nothing in them is replaced. */
    Object withCredentials(List bindings, Closure body) {
        Map<String, String> values = [:]
        bindings.each { Map binding ->
            if (!build.credentials.containsKey(binding.credentialsId)) {
                throw new BuildFailed("Could not find credentials entry with ID '${binding.credentialsId}'")
            }
            Object held = build.credentials[binding.credentialsId]
            if (binding.usernameVariable) {
                values.put(binding.usernameVariable, held.username)
                values.put(binding.passwordVariable, held.password)
            } else {
                values.put(binding.variable, held)
            }
        }
        return build.env.with(values.collect { name, value -> name + '=' + value }) { build.block(body) }
    }

    Map file(Map binding) {
        return binding
    }

    Map usernamePassword(Map binding) {
        return binding
    }

    Map string(Map parameter) {
        return parameter
    }

    boolean fileExists(Object path) {
        return place(path).exists()
    }

    String readFile(Object path) {
        return place(path instanceof Map ? path.file : path).getText('UTF-8')
    }

    void writeFile(Map options) {
        place(options.file).setText(options.text, 'UTF-8')
    }

    void deleteDir() {
        build.folder.deleteDir()
    }

    Object checkout(Object options) {
        return build.checkout
    }

    String libraryResource(Object path) {
        return build.resources[path.toString()] ?: build.library.resource(path.toString())
    }

    void junit(Map options) { }

    void archiveArtifacts(Map options) { }

    void properties(List properties) { }

    Map buildDiscarder(Object how) {
        return [discard: how]
    }

    Map logRotator(Map options) {
        return options
    }

    Map disableConcurrentBuilds(Map options = [:]) {
        return options
    }

    void publishChecks(Map options) { }

    Object input(Map options) {
        return 'approver'
    }

    void sleep(Object seconds) { }

    Object sh(Object command) {
        Map options = command instanceof Map ? command : [script: command]
        if (build.interruptAt && options.label?.startsWith(build.interruptAt)) {
            build.interruptAt = null
            build.interrupt()
        }
        build.loseAgentIn(options.label)
        File script = File.createTempFile('script', '.sh', build.root)
        script.setText(options.script.toString(), 'UTF-8')
        ProcessBuilder made = new ProcessBuilder('sh', '-xe', script.path).directory(build.folder)
        made.environment().clear()
        made.environment().putAll(build.env.all())
        File trace = new File(build.root, 'trace')
        made.redirectError(ProcessBuilder.Redirect.appendTo(trace))
        Process process = made.start()
        String printed = process.inputStream.getText('UTF-8')
        int status = process.waitFor()
        build.log.addAll(options.returnStdout ? [] : printed.readLines())
        if (options.returnStatus) {
            return status
        }
        if (status != 0) {
            throw new BuildFailed("script returned exit code ${status}")
        }
        return options.returnStdout ? printed : null
    }

    Object build(Map options) {
        return null
    }

    private File place(Object path) {
        File file = new File(path.toString())
        return file.absolute ? file : new File(build.folder, path.toString())
    }
}
