package dev.cictl.test

/** A shared library: the scripts of vars/, each made once for a build, and what they import from src/. */
class Library {
    final File folder
    final GroovyClassLoader loader
    private final Map<String, Class> scripts = [:]

    Library(File folder, GroovyClassLoader loader) {
        this.folder = folder
        this.loader = loader
        loader.addClasspath(new File(folder, 'src').path)
    }

    boolean has(String name) {
        return new File(folder, "vars/${name}.groovy").exists()
    }

    Script script(String name) {
        Class type = scripts.computeIfAbsent(name) { loader.parseClass(new File(folder, "vars/${name}.groovy")) }
        return (Script) type.newInstance()
    }

    /** Return CODE as a script of a name that nothing else has. */
    Script code(String code, String name) {
        return (Script) loader.parseClass(code, "${name}.groovy").newInstance()
    }

    String resource(String path) {
        return new File(folder, "resources/${path}").getText('UTF-8')
    }
}
