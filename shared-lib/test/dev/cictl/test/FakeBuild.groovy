package dev.cictl.test

import groovy.json.JsonOutput
import org.jenkinsci.plugins.workflow.steps.FlowInterruptedException
import org.jenkinsci.plugins.workflow.support.steps.build.RunWrapper

/** A build: a workspace, an environment, credentials, and the steps that a plain Jenkins with Pipeline has. */
class FakeBuild {
    static FakeBuild current
    /** Every command line of every test; the real cictl has to understand each of them. */
    static final Set<List<String>> ALL_COMMAND_LINES = [] as Set

    private static final Set<String> ON_AGENT = ['archiveArtifacts', 'deleteDir', 'dir', 'fileExists', 'junit', 'pwd', 'readFile', 'sh']

    final Form form
    final Library library
    final File root
    final File standIn
    final EnvironmentOfBuild env = new EnvironmentOfBuild()
    final RunWrapper currentBuild = new RunWrapper()
    final Map<String, Object> params = [:]
    final List<String> log = []
    final List<List<Object>> calls = []
    final Set<String> missing = [] as Set
    Map<String, Object> credentials = [:]
    Map<String, Object> checkout = [:]
    Map<String, String> resources = [:]
    String interruptAt
    /** The label of the shell command in which the agent dies. */
    String loseAgentAt
    private boolean lost
    private File folder
    private boolean stepped

    FakeBuild(Form form, Library library, File root) {
        this.form = form
        this.library = library
        this.root = root
        standIn = new File(root, 'stand-in')
        folder = new File(root, 'workspace')
        [standIn, folder].each { it.mkdirs() }
        new File(standIn, 'version').text = 'cictl 0.1.0\n'
        [PATH: "${new File('bin').absolutePath}:${System.getenv('PATH')}", STAND_IN: standIn.path, HOME: root.path,
         BUILD_NUMBER: '7', HUDSON_SERVER_COOKIE: '1f', JOB_NAME: 'shop/ci/checkout/main', LC_ALL: 'C.UTF-8'].each { name, value -> env."${name}" = value }
        current = this
    }

    /** Call the library's step NAME and return what it returns. */
    Object step(String name, Object... args) {
        return inside { dispatch(name, args) }
    }

    /** Run CODE as a script of the library's form, by its `call`. */
    Object code(String text, String name) {
        Script script = library.code(text, name)
        script.binding = binding()
        return inside { script.invokeMethod('call', [] as Object[]) }
    }

    private Object inside(Closure code) {
        current = this
        Sandbox sandbox = form == Form.SANDBOX ? new Sandbox(library.loader) : null
        sandbox?.register()
        try {
            return form.run(code)
        } finally {
            sandbox?.unregister()
        }
    }

    List<String> stepNames() {
        return calls*.first()
    }

    List<String> getEchoed() {
        return argumentsOf('echo')*.toString()
    }

    /** The arguments of the calls of the step NAME. */
    List<Object> argumentsOf(String name) {
        return calls.findAll { it[0] == name }.collect { it[1] ? it[1][0] : null }
    }

    boolean takeStepped() {
        boolean was = stepped
        stepped = false
        return was
    }

    /** Do the step NAME, or that of the library. */
    Object dispatch(String name, Object[] args) {
        if (library.has(name)) {
            Script script = library.script(name)
            script.binding = binding()
            return script.invokeMethod('call', args)
        }
        if (missing.contains(name) || !Steps.metaClass.respondsTo(Steps, name)) {
            throw new NoSuchMethodError("No such DSL method '${name}' found among steps")
        }
        if (lost && ON_AGENT.contains(name)) {
            throw new BuildFailed("Unable to run ${name}: no agent")
        }
        stepped = true
        calls.add([name, args.findAll { !(it instanceof Closure) }])
        return new Steps(this).invokeMethod(name, args)
    }

    Object global(String name) {
        switch (name) {
            case 'env': return env
            case 'currentBuild': return currentBuild
            case 'params': return params.asImmutable()
            case 'scm': return 'scm'
            default: throw new MissingPropertyException("No such property: ${name} for class: groovy.lang.Binding")
        }
    }

    private Binding binding() {
        return new Binding([env: env, currentBuild: currentBuild, params: params.asImmutable(), scm: 'scm'])
    }

    File getFolder() {
        return folder
    }

    File getTemporary() {
        return new File("${new File(root, 'workspace').path}@tmp")
    }

    Object within(File place, Closure body) {
        File before = folder
        folder = place
        try {
            place.mkdirs()
            return block(body)
        } finally {
            folder = before
        }
    }

    /** Run the block of a step: it may hold steps itself. */
    Object block(Closure body) {
        return form.run { body.call() }
    }

    void answer(String command, Map<String, Object> json, int status = 0) {
        new File(standIn, "${command}.json").setText(JsonOutput.toJson(json), 'UTF-8')
        if (status) {
            new File(standIn, "${command}.status").text = status
        }
    }

    /** Have COMMAND, which fails, keep MESSAGE and HINT as cictl does. */
    void explain(String command, String message, String hint = '') {
        new File(standIn, "${command}.error").setText(JsonOutput.toJson([message: message, hint: hint, exitCode: 9]), 'UTF-8')
    }

    /** Lose the agent, if LABEL is what it is to die in. */
    void loseAgentIn(String label) {
        if (loseAgentAt && label?.startsWith(loseAgentAt)) {
            lost = true
            throw new BuildFailed('agent a-1 went offline')
        }
    }

    /** The command lines that cictl was called with, in order. */
    List<List<String>> commandLines() {
        File kept = new File(standIn, 'argv')
        List<String> words = kept.exists() ? kept.getText('UTF-8').split('\u0000', -1) as List : []
        List<List<String>> lines = []
        for (int at = 0; at < words.size() - 1;) {
            int count = words[at] as int
            lines.add(words.subList(at + 1, at + 1 + count))
            at += count + 1
        }
        ALL_COMMAND_LINES.addAll(lines)
        return lines
    }

    void interrupt() {
        throw new FlowInterruptedException()
    }
}
