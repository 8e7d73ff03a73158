package dev.cictl.pipeline;

import com.cloudbees.groovy.cps.CpsTransformer;
import com.cloudbees.groovy.cps.NonCPS;
import com.cloudbees.groovy.cps.TransformerConfiguration;
import groovy.lang.Binding;
import groovy.lang.GroovyClassLoader;
import groovy.lang.GroovyCodeSource;
import hudson.model.Result;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.codehaus.groovy.ast.expr.MethodCallExpression;
import org.codehaus.groovy.control.CompilerConfiguration;
import org.codehaus.groovy.control.MultipleCompilationErrorsException;
import org.codehaus.groovy.control.customizers.ImportCustomizer;
import org.codehaus.groovy.control.messages.Message;
import org.codehaus.groovy.control.messages.SyntaxErrorMessage;
import org.codehaus.groovy.syntax.SyntaxException;

/** Compiles the Jenkinsfile and what it uses of its libraries, under the transformation that Jenkins uses. */
final class Loader {
    static final String MAIN = "WorkflowScript";

    private final Problems problems = new Problems();
    private final Map<Integer, Model.Block> models = new HashMap<>();
    private final Map<String, SourceCheck> checks = new LinkedHashMap<>();
    private final Map<String, Path> variables = new TreeMap<>();
    private final Map<String, Path> files = new HashMap<>();
    private final Map<String, Class<?>> classes = new HashMap<>();
    private final Map<String, PipelineScript> globals = new HashMap<>();
    private final List<Path> libraries;
    private final GroovyClassLoader compiler;

    Loader(List<Path> libraries, boolean isSandboxed) {
        this.libraries = libraries;
        CompilerConfiguration configuration = new CompilerConfiguration();
        configuration.setScriptBaseClass(PipelineScript.class.getName());
        ImportCustomizer imports = new ImportCustomizer();
        imports.addImports(NonCPS.class.getName(), Library.class.getName(), Result.class.getName());
        configuration.addCompilationCustomizers(imports, new ModelTransformer(this), transformer(isSandboxed));
        compiler = new GroovyClassLoader(Loader.class.getClassLoader(), configuration);
        for (Path library : libraries) {
            compiler.addClasspath(library.resolve("src").toString());
            findVariables(library.resolve("vars"));
        }
    }

    private static CpsTransformer transformer(boolean isSandboxed) {
        CpsTransformer transformer = isSandboxed ? new SandboxTransformation() : new CpsTransformer();
        transformer.setConfiguration(new TransformerConfiguration().withClosureType(StepClosure.class));
        return transformer;
    }

    private void findVariables(Path folder) {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> found = Files.list(folder)) {
            found.filter(each -> each.toString().endsWith(".groovy"))
                    .forEach(each -> variables.putIfAbsent(each.getFileName().toString().replace(".groovy", ""), each));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    Problems problems() {
        return problems;
    }

    /** Returns the names of the library's variables. */
    Set<String> globals() {
        return variables.keySet();
    }

    /** Checks CALL, in FILE, of the library's step NAME, which is loaded by now. */
    void checkOptions(String name, MethodCallExpression call, String file) {
        Map<String, String> declared = checks.containsKey(name) ? checks.get(name).declaredOptions() : null;
        if (declared != null) {
            OptionsCheck.check(name, declared, call, file, problems, compiler);
        }
    }

    ClassLoader classes() {
        return compiler;
    }

    /** Compiles FILE and the variables that it mentions, those that they mention, and so on. */
    void load(Path file) {
        compile(MAIN, file);
        Set<String> seen = new HashSet<>();
        Deque<SourceCheck> left = new ArrayDeque<>(checks.values());
        while (!left.isEmpty()) {
            for (String name : left.pop().mentioned()) {
                if (variables.containsKey(name) && seen.add(name)) {
                    compile(name, variables.get(name));
                    SourceCheck check = checks.get(name);
                    if (check != null) {
                        left.add(check);
                    }
                }
            }
        }
        checks.values().forEach(each -> each.check(this));
    }

    private void compile(String name, Path file) {
        files.put(name, file);
        try {
            // A byte order mark is no part of a script.
            String text = Files.readString(file).replaceFirst("^\uFEFF", "");
            classes.put(name, compiler.parseClass(new GroovyCodeSource(text, name, "/cictl"), false));
        } catch (MultipleCompilationErrorsException failed) {
            report(failed, file);
        } catch (CharacterCodingException none) {
            problems.add(Problem.error("the file is no text in UTF-8", new Problem.Place(file.toString(), 1, 1),
                    "save it as UTF-8, which Jenkins reads it as, too"));
        } catch (IOException problem) {
            problems.error("cannot be read: " + problem.getMessage(), new Problem.Place(file.toString(), 1, 1));
        } catch (LinkageError | RuntimeException broken) {
            problems.error("cannot be compiled: " + broken, new Problem.Place(file.toString(), 1, 1));
        }
    }

    private void report(MultipleCompilationErrorsException failed, Path file) {
        for (Object each : failed.getErrorCollector().getErrors()) {
            if (each instanceof SyntaxErrorMessage message) {
                SyntaxException cause = message.getCause();
                String where = cause.getSourceLocator() == null ? file.toString() : place(cause.getSourceLocator(), file);
                String said = cause.getOriginalMessage().replaceAll("\\s+@ line.*", "").trim();
                problems.error(said, new Problem.Place(where, cause.getStartLine(), cause.getStartColumn()));
            } else {
                problems.error(((Message) each).toString(), new Problem.Place(file.toString(), 1, 1));
            }
        }
    }

    private String place(String locator, Path file) {
        Path known = files.get(locator);
        return known != null ? known.toString() : Files.exists(Path.of(locator)) ? locator : file.toString();
    }

    /** Returns the file that the script NAME was read from. */
    String fileOf(String name) {
        Path file = files.get(name);
        return file == null ? name : file.toString();
    }

    /** Returns the file that LINE stands in, which may be that of a library's class. */
    String fileOf(StackTraceElement line) {
        String folder = line.getClassName().replace('.', '/').replaceFirst("[^/]*$", "");
        return inLibrary("src/" + folder + line.getFileName()).map(Path::toString).orElseGet(() -> fileOf(line.getFileName()));
    }

    void keep(String name, SourceCheck check) {
        checks.put(name, check);
    }

    int keep(Model.Block model) {
        models.put(models.size(), model);
        return models.size() - 1;
    }

    Model.Block model(int id) {
        return models.get(id);
    }

    /** Returns the model of the Jenkinsfile itself, or of the first variable that has one; null if all is scripted. */
    Model.Block firstModel() {
        return models.get(0);
    }

    PipelineScript main() {
        return instance(MAIN);
    }

    /** Returns the library's variable NAME, made when first asked for; null if there is none. */
    PipelineScript global(String name) {
        if (!variables.containsKey(name)) {
            return null;
        }
        if (!classes.containsKey(name)) {
            compile(name, variables.get(name));
        }
        return globals.computeIfAbsent(name, this::instance);
    }

    /** Compiles FILE, which the step `load` names. */
    PipelineScript script(Path file) {
        String name = "Script" + (classes.size() + 1);
        int before = problems.all().size();
        compile(name, file);
        List<Problem> all = new ArrayList<>(problems.all());
        if (classes.get(name) == null) {
            throw new IllegalArgumentException(all.subList(before, all.size()).get(0).message());
        }
        return instance(name);
    }

    private PipelineScript instance(String name) {
        Class<?> type = classes.get(name);
        if (type == null) {
            throw new IllegalStateException(name + " did not compile");
        }
        try {
            PipelineScript script = (PipelineScript) type.getDeclaredConstructor().newInstance();
            script.setBinding(new Binding());
            return script;
        } catch (ReflectiveOperationException problem) {
            throw new IllegalStateException(problem);
        }
    }

    /** Returns the library's resource NAME, null if no library has it. */
    Path resource(String name) {
        return inLibrary("resources/" + name).orElse(null);
    }

    private Optional<Path> inLibrary(String file) {
        return libraries.stream().map(each -> each.resolve(file)).filter(Files::isRegularFile).findFirst();
    }
}
